// The requests of Spark Connect that are sent, as bytes: a subset of the protocol, by its field numbers.
// @see https://github.com/apache/spark/blob/master/sql/connect/common/src/main/protobuf/spark/connect/base.proto
import { MessageWriter } from "./message-writer.ts";

/** What every request says of who asks. */
export interface RequestIdentity {
  /** A UUID. */
  readonly sessionId: string;
  readonly userId: string;
  /** Name and version of the client. */
  readonly clientType: string;
  /** Of the server, from its earlier answers: a server that started anew then refuses instead of making an empty session. */
  readonly serverSessionId: string | undefined;
}

/** A plan in which a statement is a relation: queries, and also what has an effect, in one trip. */
export function sqlPlan(sql: string): Uint8Array {
  return rootPlan(new MessageWriter().message(10, new MessageWriter().text(1, sql)).finish());
}

/** A plan of a relation, also one that a server has sent. */
export function rootPlan(relation: Uint8Array): Uint8Array {
  return new MessageWriter().bytes(1, relation).finish();
}

/** Files that become a view. */
export interface ParquetView {
  readonly name: string;
  /** As DDL. */
  readonly schema: string;
  /** Files, each as Hadoop reads a path: characters of patterns behind a backslash. */
  readonly paths: readonly string[];
  /** Where the names of folders with values of partitions begin. */
  readonly basePath?: string;
}

/** A plan that makes a view of this session out of Parquet files. */
export function parquetViewPlan({ name, schema, paths, basePath }: ParquetView): Uint8Array {
  const source = new MessageWriter().text(1, "parquet").text(2, schema);
  if (basePath !== undefined) source.textMap(3, { basePath });
  for (const path of paths) source.text(4, path);
  const read = new MessageWriter().message(2, new MessageWriter().message(2, source));
  const view = new MessageWriter().message(1, read).text(2, name).flag(3, false).flag(4, true);
  return commandPlan(new MessageWriter().message(3, view));
}

/** A plan that writes the rows of a query to a folder as Parquet, in the place of what is there. */
export function writeParquetPlan(sql: string, path: string): Uint8Array {
  const input = new MessageWriter().message(10, new MessageWriter().text(1, sql));
  const write = new MessageWriter().message(1, input).text(2, "parquet").text(3, path).whole(5, overwrite);
  return commandPlan(new MessageWriter().message(2, write.textMap(9, { compression: "zstd" })));
}

function commandPlan(command: MessageWriter): Uint8Array {
  return new MessageWriter().message(2, command).finish();
}

export interface ExecuteRequest {
  readonly operationId: string;
  readonly plan: Uint8Array;
  readonly tags: readonly string[];
  /** Larger batches come in parts, from servers that can (4.1). */
  readonly chunkBytes: number;
}

export function executeRequest(identity: RequestIdentity, request: ExecuteRequest): Uint8Array {
  const reattachable = new MessageWriter().message(1, new MessageWriter().flag(1, true));
  const chunking = new MessageWriter().message(2, new MessageWriter().flag(1, true).whole(2, request.chunkBytes));
  const message = begin(identity).bytes(3, request.plan).text(4, identity.clientType);
  message.message(5, reattachable).message(5, chunking).text(6, request.operationId);
  for (const tag of request.tags) message.text(7, tag);
  return message.text(8, identity.serverSessionId).finish();
}

export function reattachRequest(
  identity: RequestIdentity,
  operationId: string,
  lastResponseId: string | undefined,
): Uint8Array {
  return begin(identity)
    .text(3, operationId)
    .text(4, identity.clientType)
    .text(5, lastResponseId)
    .text(6, identity.serverSessionId)
    .finish();
}

/** @param untilResponseId the last one that the server may forget; all and the operation itself without it */
export function releaseRequest(identity: RequestIdentity, operationId: string, untilResponseId?: string): Uint8Array {
  const message = begin(identity).text(3, operationId).text(4, identity.clientType);
  if (untilResponseId === undefined) message.message(5, new MessageWriter());
  else message.message(6, new MessageWriter().text(1, untilResponseId));
  return message.text(7, identity.serverSessionId).finish();
}

export function interruptRequest(identity: RequestIdentity, operationId: string): Uint8Array {
  return begin(identity)
    .text(3, identity.clientType)
    .whole(4, interruptById)
    .text(6, operationId)
    .text(7, identity.serverSessionId)
    .finish();
}

export function versionRequest(identity: RequestIdentity): Uint8Array {
  return analyze(identity).message(10, new MessageWriter()).text(17, identity.serverSessionId).finish();
}

export function schemaRequest(identity: RequestIdentity, plan: Uint8Array): Uint8Array {
  return analyze(identity).message(4, new MessageWriter().bytes(1, plan)).text(17, identity.serverSessionId).finish();
}

/** Values of settings; a setting without one is left out of the answer. */
export function getSettingsRequest(identity: RequestIdentity, keys: readonly string[]): Uint8Array {
  const get = new MessageWriter();
  for (const key of keys) get.text(1, key);
  return settingsRequest(identity, new MessageWriter().message(4, get));
}

export function setSettingsRequest(identity: RequestIdentity, values: Readonly<Record<string, string>>): Uint8Array {
  return settingsRequest(identity, new MessageWriter().message(1, new MessageWriter().textMap(1, values)));
}

export interface Artifact {
  /** With the prefix that tells its kind, such as `files/`. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The messages that bring one artifact, in their order. @param checksum CRC-32 */
export function* artifactRequests(
  identity: RequestIdentity,
  { name, bytes }: Artifact,
  checksum: (bytes: Uint8Array) => number,
): Generator<Uint8Array> {
  const chunk = (at: number): MessageWriter => {
    const data = bytes.subarray(at, at + artifactChunkBytes);
    return new MessageWriter().bytes(1, data).whole(2, checksum(data));
  };
  const wrap = (field: number, message: MessageWriter): Uint8Array =>
    begin(identity).message(field, message).text(6, identity.clientType).text(7, identity.serverSessionId).finish();
  if (bytes.length <= artifactChunkBytes) {
    yield wrap(3, new MessageWriter().message(1, new MessageWriter().text(1, name).message(2, chunk(0))));
    return;
  }
  const count = Math.ceil(bytes.length / artifactChunkBytes);
  yield wrap(4, new MessageWriter().text(1, name).whole(2, bytes.length).whole(3, count).message(4, chunk(0)));
  for (let index = 1; index < count; index += 1) yield wrap(5, chunk(index * artifactChunkBytes));
}

export function errorDetailsRequest(identity: RequestIdentity, errorId: string): Uint8Array {
  return begin(identity).text(3, errorId).text(4, identity.clientType).text(5, identity.serverSessionId).finish();
}

/** @param isTakenUp whether a session of the same id may be opened later; it is a new one */
export function releaseSessionRequest(identity: RequestIdentity, isTakenUp: boolean): Uint8Array {
  return begin(identity)
    .text(3, identity.clientType)
    .flag(4, isTakenUp ? true : undefined)
    .finish();
}

const overwrite = 2;
const interruptById = 3;
/** What the official clients send at once. */
const artifactChunkBytes = 32 * 1024;

function begin({ sessionId, userId }: RequestIdentity): MessageWriter {
  return new MessageWriter().text(1, sessionId).message(2, new MessageWriter().text(1, userId).text(2, userId));
}

function analyze(identity: RequestIdentity): MessageWriter {
  return begin(identity).text(3, identity.clientType);
}

function settingsRequest(identity: RequestIdentity, operation: MessageWriter): Uint8Array {
  return begin(identity).message(3, operation).text(4, identity.clientType).text(8, identity.serverSessionId).finish();
}
