# Reads the issues of a project of Jira with a declarative manifest of airbyte-cdk, whose stream is shaped as that of its connector: a
# search by tokens of pages, with the fields that are asked for. `jira_reader.py <origin> <folder> <email> <token> <field>,…`.
# Prints seconds and seconds of the processor without start and imports, and the rows.
import contextlib
import io
import json
import os
import resource
import sys
import time

from airbyte_cdk.cli.source_declarative_manifest import run as command

origin, folder, email, token, fields = sys.argv[1:]


def cpu():
    return sum(use.ru_utime + use.ru_stime for use in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


paginator = {
    "type": "DefaultPaginator",
    "pagination_strategy": {
        "type": "CursorPagination",
        "cursor_value": "{{ response.get('nextPageToken') }}",
        "stop_condition": "{{ response.get('isLast') }}",
    },
    "page_token_option": {"type": "RequestOption", "inject_into": "body_json", "field_name": "nextPageToken"},
}
requester = {
    "type": "HttpRequester",
    "url_base": origin,
    "path": "/rest/api/3/search/jql",
    "http_method": "POST",
    "authenticator": {
        "type": "BasicHttpAuthenticator",
        "username": "{{ config['email'] }}",
        "password": "{{ config['api_token'] }}",
    },
    "request_body_json": {
        "jql": 'project = "SHOP" AND updated >= 946684800000 ORDER BY created ASC, id ASC',
        "fields": fields.split(","),
        "maxResults": 100,
    },
}
retriever = {
    "type": "SimpleRetriever",
    "requester": requester,
    "record_selector": {"type": "RecordSelector", "extractor": {"type": "DpathExtractor", "field_path": ["issues"]}},
    "paginator": paginator,
}
schema = {"type": "InlineSchemaLoader", "schema": {"type": "object", "properties": {}}}
stream = {"type": "DeclarativeStream", "name": "issues", "primary_key": "id", "schema_loader": schema, "retriever": retriever}
manifest = {
    "version": "6.44.0",
    "type": "DeclarativeSource",
    "check": {"type": "CheckStream", "stream_names": ["issues"]},
    "streams": [stream],
    "spec": {"type": "Spec", "connection_specification": {"type": "object", "properties": {}}},
}
chosen = {"name": "issues", "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
catalog = {"streams": [{"stream": chosen, "sync_mode": "full_refresh", "destination_sync_mode": "overwrite"}]}
config = {"email": email, "api_token": token}
for name, content in {"manifest.yaml": manifest, "catalog.json": catalog, "config.json": config}.items():
    with open(os.path.join(folder, name), "w") as file:
        json.dump(content, file)
os.chdir(folder)
sys.argv[1:] = ["read", "--config", "config.json", "--catalog", "catalog.json", "--manifest-path", "manifest.yaml"]


def run():
    # it has a buffer of its own over the standard output
    terminal = os.dup(1)
    with open("messages", "w") as messages:
        os.dup2(messages.fileno(), 1)
        command()
        sys.stdout.flush()
    os.dup2(terminal, 1)


started, used = time.perf_counter(), cpu()
with contextlib.redirect_stderr(io.StringIO()):
    run()
seconds, cpu_seconds = time.perf_counter() - started, cpu() - used
with open("messages") as messages:
    rows = sum('"type":"RECORD"' in line for line in messages)
print(json.dumps({"rows": rows, "seconds": seconds, "cpuSeconds": cpu_seconds}))
