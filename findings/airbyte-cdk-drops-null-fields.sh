#!/usr/bin/env bash
# Expected: a record that a declarative connector of airbyte-cdk reads keeps its fields, so that a consumer can tell a field that the
# service sent as null (the value was taken away) from one that it did not send (nothing is known).
# True: fields at the top of a record whose value is null are not in the RECORD message, while null within an object or a list stays.
# A destination that keeps what it has for absent fields keeps values that the service has cleared.
# Seen with airbyte-cdk 7.39.1 on Python 3.11; the page of the Airbyte protocol does not say so.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv venv
venv/bin/pip install --quiet airbyte-cdk==7.39.1

cat >read.py <<'PYTHON'
import http.server
import json
import subprocess
import sys
import threading

BODY = {"items": [{"id": 1, "closed_at": None, "owner": {"name": None}, "tags": [None]}]}


class Service(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(BODY).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=server.serve_forever, daemon=True).start()

nullable = ["null", "string"]
schema = {"type": "object", "properties": {"id": {"type": "integer"}, "closed_at": {"type": nullable}}}
manifest = {
    "version": "6.44.0",
    "type": "DeclarativeSource",
    "check": {"type": "CheckStream", "stream_names": ["items"]},
    "streams": [{
        "type": "DeclarativeStream",
        "name": "items",
        "schema_loader": {"type": "InlineSchemaLoader", "schema": schema},
        "retriever": {
            "type": "SimpleRetriever",
            "requester": {"type": "HttpRequester", "url_base": f"http://127.0.0.1:{server.server_port}", "path": "/items"},
            "record_selector": {"type": "RecordSelector", "extractor": {"type": "DpathExtractor", "field_path": ["items"]}},
        },
    }],
    "spec": {"type": "Spec", "connection_specification": {"type": "object", "properties": {}}},
}
stream = {"name": "items", "json_schema": schema, "supported_sync_modes": ["full_refresh"]}
catalog = {"streams": [{"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "overwrite"}]}
for name, content in {"manifest.yaml": manifest, "catalog.json": catalog, "config.json": {}}.items():
    with open(name, "w") as file:
        json.dump(content, file)

options = ["read", "--config", "config.json", "--catalog", "catalog.json", "--manifest-path", "manifest.yaml"]
output = subprocess.run(["venv/bin/source-declarative-manifest", *options], check=True, capture_output=True, text=True).stdout
(record,) = [message["record"]["data"] for line in output.splitlines() if (message := json.loads(line))["type"] == "RECORD"]
print("sent:", json.dumps(BODY["items"][0]))
print("read:", json.dumps(record))
sys.exit(record != {"id": 1, "owner": {"name": None}, "tags": [None]})
PYTHON
venv/bin/python read.py
