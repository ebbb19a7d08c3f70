// The answers of Spark Connect that are read. Kinds that a newer server adds are left alone.
import { MessageFields } from "./message-fields.ts";

/** One batch of rows, or a part of one. */
export interface BatchPart {
  /** Of the whole batch. */
  readonly rows: number;
  readonly data: Uint8Array;
  /** Rows of the result before it. */
  readonly firstRow?: number;
  readonly part: number;
  readonly parts: number;
}

/** How far an operation is, which servers from 4.0 tell every two seconds. */
export interface ExecutionProgress {
  readonly tasks: number;
  readonly completedTasks: number;
  readonly runningTasks: number;
  readonly inputBytes: number;
}

/** One message of an operation; it has at most one of `batch`, `command` and `progress`. */
export interface PlanResponse {
  readonly serverSessionId?: string;
  readonly responseId?: string;
  readonly batch?: BatchPart;
  /** What a command gave: a relation, in the bytes that came. */
  readonly command?: Uint8Array;
  readonly progress?: ExecutionProgress;
  /** Nothing comes after it. */
  readonly isComplete: boolean;
}

export function parsePlanResponse(bytes: Uint8Array): PlanResponse {
  const fields = new MessageFields(bytes);
  const [serverSessionId, responseId] = [fields.text(15), fields.text(13)];
  const [batch, progress] = [fields.message(2), fields.message(18)];
  const command = fields.message(5)?.bytes(1);
  return {
    isComplete: fields.has(14),
    ...(serverSessionId === undefined ? {} : { serverSessionId }),
    ...(responseId === undefined ? {} : { responseId }),
    ...(batch === undefined ? {} : { batch: toBatchPart(batch) }),
    ...(command === undefined ? {} : { command }),
    ...(progress === undefined ? {} : { progress: toProgress(progress) }),
  };
}

/** An error and those behind it, each with the place of its cause in the list. */
export interface RemoteError {
  /** The class of the exception and what it extends, the class itself first. */
  readonly types: readonly string[];
  readonly message: string;
  readonly errorClass?: string;
  readonly sqlState?: string;
}

/** The chain of an error, the outermost first; empty when the server has forgotten it. */
export function parseErrorDetails(bytes: Uint8Array): RemoteError[] {
  const fields = new MessageFields(bytes);
  const errors = fields.messages(2);
  const chain: RemoteError[] = [];
  let next = fields.whole(1);
  while (next !== undefined && chain.length < errors.length) {
    const error: MessageFields | undefined = errors[next];
    if (error === undefined) break;
    chain.push(toRemoteError(error));
    next = error.whole(4);
  }
  return chain;
}

export function parseVersion(bytes: Uint8Array): string | undefined {
  return new MessageFields(bytes).message(8)?.text(1);
}

/** The type of the rows, as the protocol has it. */
export function parseSchema(bytes: Uint8Array): MessageFields | undefined {
  return new MessageFields(bytes).message(2)?.message(1);
}

export function parseSettings(bytes: Uint8Array): Map<string, string> {
  const pairs = new MessageFields(bytes).messages(2).filter((pair) => pair.has(2));
  return new Map(pairs.map((pair) => [pair.text(1) ?? "", pair.text(2) ?? ""]));
}

export function parseInterrupted(bytes: Uint8Array): string[] {
  return new MessageFields(bytes).texts(2);
}

/** Names of artifacts that did not arrive as they were sent; a server accepts those without an error. */
export function parseDamagedArtifacts(bytes: Uint8Array): string[] {
  const summaries = new MessageFields(bytes).messages(1);
  return summaries.filter((summary) => !summary.flag(2)).map((summary) => summary.text(1) ?? "");
}

function toBatchPart(batch: MessageFields): BatchPart {
  const firstRow = batch.whole(3);
  return {
    rows: batch.whole(1) ?? 0,
    data: batch.bytes(2) ?? new Uint8Array(),
    ...(firstRow === undefined ? {} : { firstRow }),
    part: batch.whole(4) ?? 0,
    parts: batch.whole(5) ?? 1,
  };
}

function toProgress(progress: MessageFields): ExecutionProgress {
  const stages = progress.messages(1);
  const sum = (field: number): number => stages.reduce((total, stage) => total + (stage.whole(field) ?? 0), 0);
  return {
    tasks: sum(2),
    completedTasks: sum(3),
    runningTasks: progress.whole(2) ?? 0,
    inputBytes: sum(4),
  };
}

function toRemoteError(error: MessageFields): RemoteError {
  const known = error.message(5);
  const [errorClass, sqlState] = [known?.text(1), known?.text(4)];
  return {
    types: error.texts(1),
    message: error.text(2) ?? "",
    ...(errorClass === undefined ? {} : { errorClass }),
    ...(sqlState === undefined ? {} : { sqlState }),
  };
}
