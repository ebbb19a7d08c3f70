// A name node and a data node in this process that speak WebHDFS as it is described: listings from the one, bytes from the other.
import { type BehavingServer, startBehavingServer } from "../http/behaving-server.ts";
import type { ServerResponse } from "node:http";

export interface Hdfs extends AsyncDisposable {
  readonly nameNode: string;
  readonly dataNode: string;
  /** Path → content. */
  readonly files: Map<string, string>;
  /** Which node was asked what. */
  readonly requests: string[];
  /** The only delegation token that counts. */
  token: string | undefined;
  /** Answers everything. */
  failure: { readonly status: number; readonly exception: string } | undefined;
  onOpen: () => void;
}

/** @see https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-hdfs/WebHDFS.html */
export async function startHdfs(): Promise<Hdfs> {
  const servers: BehavingServer[] = [];
  const hdfs: Hdfs = {
    get nameNode() {
      return servers[0]?.origin ?? "";
    },
    get dataNode() {
      return servers[1]?.origin ?? "";
    },
    files: new Map(),
    requests: [],
    token: undefined,
    failure: undefined,
    onOpen: () => undefined,
    [Symbol.asyncDispose]: async () => {
      for (const server of servers) await server[Symbol.asyncDispose]();
    },
  };
  servers.push(await startBehavingServer(({ path }, response) => answerName(hdfs, path, response)));
  servers.push(await startBehavingServer(({ path }, response) => answerData(hdfs, path, response)));
  return hdfs;
}

function answerName(hdfs: Hdfs, address: string, response: ServerResponse): void {
  const { path, query } = parse(address);
  hdfs.requests.push(`name ${address}`);
  if (hdfs.failure !== undefined) return refuse(response, hdfs.failure.status, hdfs.failure.exception);
  if (hdfs.token !== undefined && query.get("delegation") !== hdfs.token) return refuse(response, 401, "InvalidToken");
  const content = hdfs.files.get(path);
  const isFolder = [...hdfs.files.keys()].some((file) => file.startsWith(`${path.replace(/\/$/, "")}/`));
  if (content === undefined && !isFolder) return refuse(response, 404, "FileNotFoundException");
  switch (query.get("op")) {
    case "GETFILESTATUS":
      return json(response, { FileStatus: toStatus("", content) });
    case "LISTSTATUS":
      return json(response, { FileStatuses: { FileStatus: list(hdfs, path) } });
    default:
      hdfs.onOpen();
      return void response.writeHead(307, { location: `${hdfs.dataNode}${address}` }).end();
  }
}

function answerData(hdfs: Hdfs, address: string, response: ServerResponse): void {
  const { path, query } = parse(address);
  hdfs.requests.push(`data ${address}`);
  const bytes = Buffer.from(hdfs.files.get(path) ?? "");
  const from = Number(query.get("offset") ?? "0");
  response.end(bytes.subarray(from, from + Number(query.get("length") ?? bytes.length)));
}

function list({ files }: Hdfs, path: string): unknown[] {
  if (files.has(path)) return [toStatus("", files.get(path))];
  const folder = `${path.replace(/\/$/, "")}/`;
  const inside = [...files].filter(([file]) => file.startsWith(folder));
  const names = new Set(inside.map(([file]) => file.slice(folder.length).split("/")[0] ?? ""));
  return [...names].map((name) => toStatus(name, files.get(`${folder}${name}`)));
}

function toStatus(pathSuffix: string, content: string | undefined): unknown {
  const type = content === undefined ? "DIRECTORY" : "FILE";
  return { pathSuffix, type, length: Buffer.byteLength(content ?? ""), modificationTime: 1_767_225_600_123 };
}

function parse(address: string): { readonly path: string; readonly query: URLSearchParams } {
  const url = new URL(address, "http://x");
  return { path: decodeURIComponent(url.pathname.slice("/webhdfs/v1".length)), query: url.searchParams };
}

function refuse(response: ServerResponse, status: number, exception: string): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(
    JSON.stringify({ RemoteException: { exception, javaClassName: `org.apache.${exception}`, message: "no" } }),
  );
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}
