// `millrace topic produce`: lines of JSON into a topic, in batches of which each is appended whole or not at all.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { JsonValue } from "../../../api/page.ts";
import type { NewRecordView } from "../../../api/streams/topic.ts";
import { refusalOf } from "../../../client/refusal.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { ControlPlane } from "../../control/control-plane.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { formatCountOf } from "../../print/format-value.ts";
import { printable, type Terminal } from "../../print/terminal.ts";

export interface ProduceOptions {
  readonly file: string;
  /** Lines are objects with `value`, and `key`, `headers` or `at`. */
  readonly records?: true;
  readonly idempotencyKey?: string;
  readonly json?: true;
}

interface Batch {
  readonly texts: string[];
  /** Their numbers in the file. */
  readonly lines: number[];
  bytes: number;
}

const maxRecords = 500;
/** Of lines; a body of the API may have 1 MiB. */
const maxBytes = 512 * 1_024;

/** @throws MillraceError of the first batch that was refused, with the line and what was appended before · `TOPIC_UNKNOWN` */
export async function produce(
  terminal: Terminal,
  options: ProduceOptions,
  plane: ControlPlane,
  topic: string,
): Promise<ExitCode> {
  const input = options.file === "-" ? process.stdin : createReadStream(options.file);
  let produced = 0;
  for await (const batch of readBatches(input)) {
    const { idempotencyKey } = options;
    const key = idempotencyKey === undefined ? {} : { idempotency_key: `${idempotencyKey}:${batch.lines[0]}` };
    try {
      const records = batch.texts.map((text, index) => parseRecord(text, index, options));
      await plane.call("produceRecords", { params: { topic }, body: { records, ...key } });
    } catch (error) {
      throw atLine(error, batch, produced);
    }
    produced += batch.texts.length;
    if (terminal.interactive) terminal.draw(`\r${formatCountOf(produced, "record")}`);
  }
  // Nothing has told yet whether there is such a topic.
  if (produced === 0) await plane.call("showTopic", { params: { topic } });
  if (terminal.interactive && produced > 0) terminal.draw("\r\u001b[K");
  if (options.json) terminal.json({ topic, records: produced });
  else terminal.out(printable(`appended ${formatCountOf(produced, "record")} to ${topic}`));
  return exitCodes.ok;
}

async function* readBatches(input: Readable): AsyncGenerator<Batch> {
  let batch = emptyBatch();
  let line = 0;
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    line += 1;
    if (text.trim() === "") continue;
    const bytes = Buffer.byteLength(text);
    const isFull = batch.texts.length === maxRecords || batch.bytes + bytes > maxBytes;
    if (isFull && batch.texts.length > 0) {
      yield batch;
      batch = emptyBatch();
    }
    batch.texts.push(text);
    batch.lines.push(line);
    batch.bytes += bytes;
  }
  if (batch.texts.length > 0) yield batch;
}

function emptyBatch(): Batch {
  return { texts: [], lines: [], bytes: 0 };
}

function parseRecord(text: string, index: number, { records }: ProduceOptions): NewRecordView {
  const value = parseJson(text, index);
  if (records === undefined) return { value };
  if (typeof value === "object" && value !== null && !Array.isArray(value) && "value" in value) {
    // The server checks the rest.
    return value as unknown as NewRecordView;
  }
  throw wrongLine("expected an object with `value`", index);
}

function parseJson(text: string, index: number): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw wrongLine(`expected JSON, ${(error as Error).message}`, index);
  }
}

// As a server names the record.
function wrongLine(message: string, index: number): MillraceError {
  return new MillraceError("USAGE_INVALID", message, { details: { issues: [{ path: `body.records.${index}` }] } });
}

// Whoever corrects a line has to know where to go on.
function atLine(error: unknown, { lines }: Batch, produced: number): unknown {
  if (!(error instanceof MillraceError)) return error;
  const index = recordOf(error);
  const line = index === undefined ? undefined : lines[index];
  const place = line === undefined ? `lines ${lines[0]} to ${lines.at(-1)}` : `line ${line}`;
  const hint =
    produced === 0
      ? "nothing was appended"
      : `${formatCountOf(produced, "record")} of the lines before ${lines[0]} are in the topic, and none of the others`;
  return new MillraceError(error.code, `${place}: ${error.message}`, {
    hint: error.hint === undefined ? hint : `${error.hint}; ${hint}`,
    cause: error,
  });
}

/** Number of the record that was refused, as `body.records.3.value` has it. */
function recordOf(error: MillraceError): number | undefined {
  const known: unknown = refusalOf(error)?.issues ?? error.details?.["issues"];
  const path: unknown = Array.isArray(known) ? (known[0] as { readonly path?: unknown } | undefined)?.path : undefined;
  const index = typeof path === "string" ? /^body\.records\.(\d+)/.exec(path)?.[1] : undefined;
  return index === undefined ? undefined : Number(index);
}
