# Reads one table of a service with dlt: `dlt_client.py <origin> <kind>` prints its rows as JSON.
import json
import sys

from dlt.sources.rest_api import rest_api_resources

PAGINATORS = {
    "page": {"type": "page_number", "base_page": 1, "total_path": None, "stop_after_empty_page": True},
    "offset": {"type": "offset", "limit": 100, "total_path": None, "stop_after_empty_page": True},
    "cursor": {"type": "cursor", "cursor_path": "next", "cursor_param": "cursor"},
    "nextUrl": {"type": "json_link", "next_url_path": "links.next"},
    "link": {"type": "header_link"},
}

origin, kind = sys.argv[1:]
endpoint = {"path": kind, "data_selector": "items", "paginator": PAGINATORS[kind]}
config = {"client": {"base_url": origin}, "resources": [{"name": "items", "endpoint": endpoint}]}
(resource,) = rest_api_resources(config)
json.dump(list(resource), sys.stdout)
