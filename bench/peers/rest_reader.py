# Reads the table behind `<url>?cursor=…` with dlt into Parquet, or with airbyte-cdk into lines of JSON:
# `rest_reader.py dlt|airbyte <origin> <folder>`. Prints seconds and seconds of the processor without start and imports, and the rows.
import contextlib
import io
import json
import os
import resource
import sys
import time

tool, origin, folder = sys.argv[1:]


def cpu():
    return sum(use.ru_utime + use.ru_stime for use in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def read_with_dlt():
    import dlt
    from dlt.sources.rest_api import rest_api_source

    paginator = {"type": "cursor", "cursor_path": "next", "cursor_param": "cursor"}
    endpoint = {"path": "rows", "data_selector": "data", "paginator": paginator}
    source = rest_api_source({"client": {"base_url": origin}, "resources": [{"name": "rows", "endpoint": endpoint}]})
    destination = dlt.destinations.filesystem(f"file://{folder}/lake")
    pipeline = dlt.pipeline("bench", destination=destination, dataset_name="bench", pipelines_dir=f"{folder}/pipelines")

    def run():
        pipeline.run(source, loader_file_format="parquet")
        return pipeline.last_trace.last_normalize_info.row_counts["rows"]

    return run


def read_with_airbyte():
    from airbyte_cdk.cli.source_declarative_manifest import run as command

    paging = {
        "type": "DefaultPaginator",
        "pagination_strategy": {
            "type": "CursorPagination",
            "cursor_value": "{{ response.next }}",
            "stop_condition": "{{ not response.next }}",
        },
        "page_token_option": {"type": "RequestOption", "inject_into": "request_parameter", "field_name": "cursor"},
    }
    retriever = {
        "type": "SimpleRetriever",
        "requester": {"type": "HttpRequester", "url_base": origin, "path": "/rows"},
        "record_selector": {"type": "RecordSelector", "extractor": {"type": "DpathExtractor", "field_path": ["data"]}},
        "paginator": paging,
    }
    schema = {"type": "InlineSchemaLoader", "schema": {"type": "object", "properties": {}}}
    manifest = {
        "version": "6.44.0",
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": ["rows"]},
        "streams": [{"type": "DeclarativeStream", "name": "rows", "schema_loader": schema, "retriever": retriever}],
        "spec": {"type": "Spec", "connection_specification": {"type": "object", "properties": {}}},
    }
    stream = {"name": "rows", "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
    catalog = {"streams": [{"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "overwrite"}]}
    for name, content in {"manifest.yaml": manifest, "catalog.json": catalog, "config.json": {}}.items():
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
        with open("messages") as messages:
            return sum('"type":"RECORD"' in line for line in messages)

    return run


run = {"dlt": read_with_dlt, "airbyte": read_with_airbyte}[tool]()
started, used = time.perf_counter(), cpu()
with contextlib.redirect_stderr(io.StringIO()):
    rows = run()
print(json.dumps({"rows": rows, "seconds": time.perf_counter() - started, "cpuSeconds": cpu() - used}))
