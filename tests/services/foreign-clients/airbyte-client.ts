// Reads one table of a service with the declarative connectors of airbyte-cdk.
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type PageKind, pageSize } from "./paged-service.ts";

const program = "from airbyte_cdk.cli.source_declarative_manifest import run; run()";

/** @param folder for its files, which is there */
export async function readWithAirbyte(
  python: string,
  folder: string,
  origin: string,
  kind: PageKind,
): Promise<readonly object[]> {
  const stream = { name: "items", json_schema: {}, supported_sync_modes: ["full_refresh"] };
  const sync = { stream, sync_mode: "full_refresh", destination_sync_mode: "overwrite" };
  const files = { manifest: toManifest(origin, kind), catalog: { streams: [sync] }, config: {} };
  const paths: Record<string, string> = {};
  for (const [name, content] of Object.entries(files)) {
    paths[name] = join(folder, `${name}-${kind}.yaml`);
    // JSON is YAML, too
    await writeFile(paths[name], JSON.stringify(content));
  }
  const { manifest = "", catalog = "", config = "" } = paths;
  const options = ["read", "--config", config, "--catalog", catalog, "--manifest-path", manifest];
  const { stdout } = await promisify(execFile)(python, ["-c", program, ...options], { maxBuffer: 64 * 1024 ** 2 });
  const messages = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as AirbyteMessage);
  return messages.flatMap(({ record }) => (record === undefined ? [] : [record.data]));
}

interface AirbyteMessage {
  readonly record?: { readonly data: object };
}

function toManifest(origin: string, kind: PageKind): object {
  const requester = { type: "HttpRequester", url_base: origin, path: `/${kind}`, http_method: "GET" };
  const selector = { type: "RecordSelector", extractor: { type: "DpathExtractor", field_path: ["items"] } };
  const retriever = { type: "SimpleRetriever", requester, record_selector: selector, paginator: paginators[kind] };
  const schema = { type: "InlineSchemaLoader", schema: { type: "object", properties: {} } };
  return {
    version: "6.44.0",
    type: "DeclarativeSource",
    check: { type: "CheckStream", stream_names: ["items"] },
    streams: [{ type: "DeclarativeStream", name: "items", schema_loader: schema, retriever }],
    spec: { type: "Spec", connection_specification: { type: "object", properties: {} } },
  };
}

const parameter = (name: string): object => ({
  type: "RequestOption",
  inject_into: "request_parameter",
  field_name: name,
});
const paging = (strategy: object, token: object): object => ({
  type: "DefaultPaginator",
  pagination_strategy: strategy,
  page_token_option: token,
});
const following = (value: string, stop: string): object =>
  paging(
    { type: "CursorPagination", cursor_value: `{{ ${value} }}`, stop_condition: `{{ ${stop} }}` },
    { type: "RequestPath" },
  );

const paginators: Readonly<Record<PageKind, object>> = {
  page: paging({ type: "PageIncrement", start_from_page: 1, inject_on_first_request: true }, parameter("page")),
  offset: paging({ type: "OffsetIncrement", page_size: pageSize, inject_on_first_request: true }, parameter("offset")),
  cursor: paging(
    { type: "CursorPagination", cursor_value: "{{ response.next }}", stop_condition: "{{ not response.next }}" },
    parameter("cursor"),
  ),
  nextUrl: following("response.links.next", "not response.links.next"),
  link: following("headers['link']['next']['url']", "'next' not in headers['link']"),
};
