// A name node and a data node in this process that speak WebHDFS as Hadoop 3 does: listings, names and renames from the one, bytes
// from and to the other.
import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { crc32c } from "../../../src/connections/webhdfs/crc32c.ts";
import { type BehavingServer, type ReceivedRequest, startBehavingServer } from "../http/behaving-server.ts";

/** What a test does instead of an answer; `undefined` leaves it to the node. */
export type HdfsTrouble = (asked: HdfsAsked) => HdfsRefusal | "cut" | undefined;

export interface HdfsAsked {
  readonly node: "name" | "data";
  readonly op: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

export interface HdfsRefusal {
  readonly status: number;
  /** Left out: an answer with headers alone. */
  readonly exception?: string;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Hdfs extends AsyncDisposable {
  readonly nameNode: string;
  readonly dataNode: string;
  /** What a connection to it says. */
  readonly connection: {
    readonly webhdfs: { readonly url: string; readonly dataNodes: readonly string[]; readonly user: string };
  };
  /** Path → content. */
  readonly files: Map<string, string | Buffer>;
  /** Which node was asked what. */
  readonly requests: string[];
  /** The only delegation token that counts. */
  token: string | undefined;
  trouble: HdfsTrouble;
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
    get connection() {
      return { webhdfs: { url: this.nameNode, dataNodes: [this.dataNode], user: "etl" } };
    },
    files: new Map(),
    requests: [],
    token: undefined,
    trouble: () => undefined,
    onOpen: () => undefined,
    [Symbol.asyncDispose]: async () => {
      for (const server of servers) await server[Symbol.asyncDispose]();
    },
  };
  for (const [node, answer] of [
    ["name", answerName],
    ["data", answerData],
  ] as const) {
    servers.push(
      await startBehavingServer((request, response) => {
        const asked = parse(request.path);
        hdfs.requests.push(`${node} ${request.path}`);
        const trouble = hdfs.trouble({ node, ...asked });
        if (trouble === "cut") return void response.socket?.destroy();
        if (trouble !== undefined) return refuse(response, trouble);
        answer(hdfs, asked, request, response);
      }),
    );
  }
  return hdfs;
}

type Asked = Omit<HdfsAsked, "node">;

function answerName(hdfs: Hdfs, asked: Asked, { path: address }: ReceivedRequest, response: ServerResponse): void {
  const { path, query, op } = asked;
  if (hdfs.token !== undefined && query.get("delegation") !== hdfs.token)
    return refuse(response, { status: 401, exception: "InvalidToken" });
  switch (op) {
    case "CREATE":
      return json(response, { Location: `${hdfs.dataNode}${address}&namenoderpcaddress=127.0.0.1:9000` });
    case "RENAME":
      return rename(hdfs, asked, response);
    case "DELETE":
      return json(response, { boolean: hdfs.files.delete(path) });
    default:
  }
  const content = hdfs.files.get(path);
  const isFolder = [...hdfs.files.keys()].some((file) => file.startsWith(`${path.replace(/\/$/, "")}/`));
  if (content === undefined && !isFolder) return refuse(response, { status: 404, exception: "FileNotFoundException" });
  switch (op) {
    case "GETFILESTATUS":
      return json(response, { FileStatus: toStatus("", content) });
    case "LISTSTATUS":
      return json(response, { FileStatuses: { FileStatus: list(hdfs, path) } });
    default:
      if (op === "OPEN") hdfs.onOpen();
      return void response.writeHead(307, { location: `${hdfs.dataNode}${address}` }).end();
  }
}

/** With `renameoptions` it is told what is wrong; without, it is `false`. */
function rename({ files }: Hdfs, { path, query }: Asked, response: ServerResponse): void {
  const destination = query.get("destination") ?? "";
  const options = query.get("renameoptions");
  const content = files.get(path);
  if (content === undefined)
    return options === null
      ? json(response, { boolean: false })
      : refuse(response, { status: 404, exception: "FileNotFoundException" });
  if (files.has(destination) && options !== "OVERWRITE")
    return options === null
      ? json(response, { boolean: false })
      : refuse(response, { status: 403, exception: "FileAlreadyExistsException" });
  files.delete(path);
  files.set(destination, content);
  if (options === null) json(response, { boolean: true });
  else response.writeHead(200, { "content-type": "application/octet-stream" }).end();
}

function answerData(
  { files }: Hdfs,
  { path, query, op }: Asked,
  { bytes: body }: ReceivedRequest,
  response: ServerResponse,
): void {
  if (op === "CREATE") {
    files.set(path, body);
    // it does so whether it was asked to or not
    response.writeContinue();
    return void response.writeHead(201, { location: `hdfs://127.0.0.1:9000${path}` }).end();
  }
  const bytes = Buffer.from(files.get(path) ?? "");
  if (op === "GETFILECHECKSUM") return json(response, { FileChecksum: checksumOf(bytes) });
  const from = Number(query.get("offset") ?? "0");
  response.end(bytes.subarray(from, from + Number(query.get("length") ?? bytes.length)));
}

/** Of a file that is one block. */
function checksumOf(bytes: Buffer): unknown {
  const block = createHash("md5");
  for (let at = 0; at < bytes.length; at += 512) {
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32c(bytes.subarray(at, at + 512)));
    block.update(sum);
  }
  const digest = createHash("md5").update(block.digest()).update(Buffer.alloc(16)).digest("hex");
  return { algorithm: "MD5-of-0MD5-of-512CRC32C", bytes: `000002000000000000000000${digest}00000000`, length: 28 };
}

function list({ files }: Hdfs, path: string): unknown[] {
  if (files.has(path)) return [toStatus("", files.get(path))];
  const folder = `${path.replace(/\/$/, "")}/`;
  const inside = [...files].filter(([file]) => file.startsWith(folder));
  const names = new Set(inside.map(([file]) => file.slice(folder.length).split("/")[0] ?? ""));
  return [...names].map((name) => toStatus(name, files.get(`${folder}${name}`)));
}

function toStatus(pathSuffix: string, content: string | Buffer | undefined): unknown {
  const type = content === undefined ? "DIRECTORY" : "FILE";
  const fileId = content === undefined ? 16_386 : idOf(content);
  const length = Buffer.byteLength(content ?? "");
  return { pathSuffix, type, length, modificationTime: 1_767_225_600_123, fileId, blockSize: 134_217_728 };
}

/** A file keeps it under another name. Texts that a test has put there are files of their own. */
function idOf(content: string | Buffer): number {
  if (typeof content === "string") return 0;
  const id = ids.get(content) ?? (count += 1);
  ids.set(content, id);
  return id;
}

const ids = new WeakMap<Buffer, number>();
let count = 16_386;

function parse(address: string): Asked {
  const { pathname, searchParams: query } = new URL(address, "http://x");
  return { path: decodeURIComponent(pathname.slice("/webhdfs/v1".length)), query, op: query.get("op") ?? "" };
}

function refuse(response: ServerResponse, { status, exception, message = "no", headers = {} }: HdfsRefusal): void {
  if (exception === undefined) return void response.writeHead(status, headers).end();
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify({ RemoteException: { exception, javaClassName: `org.apache.${exception}`, message } }));
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}
