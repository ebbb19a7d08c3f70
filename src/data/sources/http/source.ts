// A service as a source: rows in answer to HTTP requests, page after page.
import type { OptionPath } from "../../../core/spec/parse-options.ts";
import { refusal } from "../../../core/spec/parse-options.ts";
import type { SourceKind } from "../../source.ts";
import { parseRowsPath } from "../../pages/rows-path.ts";
import { type HttpSourceBody, listSentFiles, type RemoteIdOptions } from "./request-options.ts";
import type { Pagination } from "../../requests/pagination.ts";
import { type HttpSource, type HttpSourceOptions, httpSourceSpec, httpSpec, isFilePages } from "./options.ts";
import { assertFileReading, takesWhole } from "../file-reading-options.ts";
import { findFileFormat } from "../format-registry.ts";
import { parseRequest, type RequestTemplate } from "./request-template.ts";

export const http: SourceKind<HttpSource> = {
  name: "http",
  summary: "a service that gives rows in answer to requests",
  detail: httpSpec,
  options: httpSourceSpec,
  takesVariables: () => true,
  unitAbilities: ["concurrency", "minRows", "cursor"],
  declaresColumns: ({ http: { read } }) => read?.columns !== undefined,
  deliversFiles: ({ http: { read } }) => takesWhole(read?.format),
  connections: ({ http: { connection, body } }) =>
    [connection, ...listSentFiles(body).map((file) => file.connection)].filter((name) => name !== undefined),
  needsWait: ({ http: { remote } }) => remote !== undefined,
  assertOptions,
  // the client of requests costs time to load, which commands that read nothing do not spend
  plan: async (source, planning) => await (await import("./plan-requests.ts")).planHttpSource(source, planning),
  open: async (source, opening) => await (await import("./relation.ts")).openHttpSource(source, opening),
};

function assertOptions(where: string, path: OptionPath, { http: options }: HttpSource): void {
  const below = [...path, "http"];
  assertOne(where, [...below, "body"], options.body, bodies);
  assertParts(where, [...below, "body", "multipart"], options.body);
  assertOne(where, [...below, "auth"], options.auth, ["bearer", "basic", "apiKey"]);
  if (options.auth !== undefined && options.connection !== undefined) {
    throw refusal(
      where,
      [...below, "auth"],
      "left out beside `connection`, which proves who asks",
      Object.keys(options.auth)[0],
    );
  }
  if (options.resume === true && (options.connection === undefined || options.ready !== undefined)) {
    const expected =
      "left out without a `connection`, which keeps answers, and beside `ready`, which waits for another one";
    throw refusal(where, [...below, "resume"], expected, options.resume);
  }
  if (options.cost !== undefined && options.connection === undefined) {
    throw refusal(where, [...below, "cost"], "left out without a `connection`, which counts points", options.cost);
  }
  assertOne(where, [...below, "auth", "apiKey"], options.auth?.apiKey, ["header", "query"]);
  if (options.body !== undefined && (options.method ?? "GET") === "GET") {
    throw refusal(where, [...below, "body"], "left out of a GET", options.body);
  }
  assertPagination(where, [...below, "pagination"], options.pagination ?? { kind: "none" });
  assertRead(where, [...below, "read"], options);
  const request = parseRequest(options, `\`http\` of ${where}`, { where, path: below });
  if (options.keys !== undefined) assertKeys(where, below, options, request);
  if (options.remote !== undefined) assertRemote(where, below, options, request);
}

function assertKeys(where: string, path: OptionPath, options: HttpSourceOptions, request: RequestTemplate): void {
  const { keys, remote, ready, connection } = options;
  if (keys === undefined) return;
  const below = [...path, "keys"];
  if (remote !== undefined) throw refusal(where, below, "left out beside `remote`", keys.url);
  if (ready !== undefined) throw refusal(where, [...path, "ready"], "left out beside `keys`", ready.path);
  assertOne(where, [...below, "body"], keys.body, bodies);
  const [carried] = listSentFiles(keys.body);
  if (carried !== undefined) throw refusal(where, [...below, "body"], "one without a file", carried.path);
  if (keys.body !== undefined && (keys.method ?? "GET") === "GET") {
    throw refusal(where, [...below, "body"], "left out of a GET", keys.body);
  }
  const { pagination = { kind: "none" } } = keys;
  const { lastRow, maxRow } = { lastRow: undefined, maxRow: undefined, ...pagination };
  if (lastRow !== undefined || maxRow !== undefined) {
    throw refusal(where, [...below, "pagination"], "one that the answer beside its keys tells", pagination.kind);
  }
  assertPagination(where, [...below, "pagination"], pagination);
  parseRequest({ ...keys, ...(connection === undefined ? {} : { connection }) }, `\`keys\` of ${where}`, {
    where,
    path: below,
  });
  if (!request.uses("keys")) {
    throw refusal(where, [...path, "body"], "one with the variable `{{keys.values}}`", options.body ?? options.url);
  }
}

function assertRemote(where: string, path: OptionPath, options: HttpSourceOptions, request: RequestTemplate): void {
  const { remote, ready, ledger } = options;
  if (remote === undefined) return;
  if (ready !== undefined) throw refusal(where, [...path, "ready"], "left out beside `remote.status`", ready.path);
  if (ledger === false) {
    throw refusal(where, [...path, "ledger"], "left out beside `remote`, whose jobs are written down", ledger);
  }
  const { create, status, cleanup, results } = remote;
  for (const [stage, said] of Object.entries({ create, status, cleanup })) {
    if (said === undefined) continue;
    const below = [...path, "remote", stage];
    const method = said.method ?? { create: "POST", status: "GET", cleanup: "DELETE" }[stage];
    assertOne(where, [...below, "body"], said.body, bodies);
    assertParts(where, [...below, "body", "multipart"], said.body);
    const [carried] = listSentFiles(said.body);
    if (carried !== undefined)
      throw refusal(
        where,
        [...below, "body"],
        "one without a file, which only the request of the source carries",
        carried.path,
      );
    if (said.body !== undefined && method === "GET")
      throw refusal(where, [...below, "body"], "left out of a GET", said.body);
    const { connection } = options;
    const asked = { ...said, ...(connection === undefined ? {} : { connection }) };
    parseRequest(asked, `\`${stage}\` of \`remote\` of ${where}`, { where, path: below });
  }
  if (create.id !== undefined) assertId(where, [...path, "remote", "create", "id"], create.id);
  const wanted = results === undefined ? "{{remote.id}}" : "{{remote.result}}";
  if (!request.uses("remote"))
    throw refusal(where, [...path, "url"], `one with a variable such as \`${wanted}\``, options.url);
}

function assertId(where: string, path: OptionPath, id: RemoteIdOptions): void {
  if (id.path !== undefined || id.header !== undefined) assertOne(where, path, id, ["path", "header"]);
  const { match } = id;
  if (match === undefined) return;
  try {
    if (new RegExp(`${match}|`).exec("")?.length === 1) throw new SyntaxError("no group");
  } catch {
    throw refusal(where, [...path, "match"], "a pattern with a group, such as `/syncs/([0-9]+)$`", match);
  }
}

const bodies = ["json", "form", "text", "multipart", "file"] as const;

function assertParts(where: string, path: OptionPath, { multipart = [] }: HttpSourceBody = {}): void {
  for (const [index, part] of multipart.entries()) assertOne(where, [...path, index], part, ["text", "file"]);
}

function assertPagination(where: string, path: OptionPath, pagination: Pagination): void {
  if (pagination.kind === "cursor") assertOne(where, path, pagination, ["path", "header", "lastRow", "maxRow"]);
  const { stop, size, maxRow } = { stop: undefined, size: undefined, maxRow: undefined, ...pagination };
  if (stop?.shortPage === true && size === undefined)
    throw refusal(where, [...path, "size"], "said beside `stop.shortPage`", size);
  const { olderThan } = { olderThan: undefined, ...stop };
  if (olderThan !== undefined && maxRow !== undefined && maxRow !== olderThan.field) {
    throw refusal(
      where,
      [...path, "stop", "olderThan", "field"],
      `\`${maxRow}\`, which \`maxRow\` looks at`,
      olderThan.field,
    );
  }
}

/** Only answers that are taken apart have something beside their rows that tells how to go on. */
function assertRead(where: string, path: OptionPath, { read, pagination }: HttpSourceOptions): void {
  const { format = "json", rows, keyColumn, total, missing, headers, envelope, values } = read ?? {};
  assertFileReading(where, path, { ...read, format });
  const parsed = parseRowsPath(rows, `\`rows\` of \`read\` of ${where}`);
  if (keyColumn !== undefined && parsed.names.at(-1) !== "*") {
    throw refusal(where, [...path, "keyColumn"], "left out unless `rows` ends with `*`", keyColumn);
  }
  if (!isFilePages(findFileFormat(format), read)) return;
  for (const [option, value] of Object.entries({ rows, keyColumn, total, missing, headers, envelope, values })) {
    const isDefault = value === undefined || value === "fail";
    if (!isDefault) throw refusal(where, [...path, option], `left out for the format ${format}`, value);
  }
  const kind = pagination?.kind ?? "none";
  const isByHeader =
    kind === "none" || kind === "link" || (pagination?.kind === "cursor" && pagination.header !== undefined);
  if (!isByHeader) {
    const expected = `one that follows from headers for the format ${format}: \`link\`, or \`cursor\` with \`header\``;
    throw refusal(where, [...path.slice(0, -1), "pagination"], expected, kind);
  }
}

function assertOne(where: string, path: OptionPath, options: object | undefined, names: readonly string[]): void {
  if (options === undefined) return;
  const given = names.filter((name) => new Map<string, unknown>(Object.entries(options)).get(name) !== undefined);
  if (given.length === 1) return;
  throw refusal(
    where,
    path,
    `an object with exactly one of ${names.map((name) => `\`${name}\``).join(", ")}`,
    given.join(", "),
  );
}
