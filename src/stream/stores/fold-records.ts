// Records of a topic applied to the state of a store, thousands in one transaction.
import type { StoreDefinition, StoreState } from "../../core/stream/store.ts";
import type { LogRecord } from "../../core/stream/stream-record.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { AppliedPosition, EntryWriter, StateFile } from "./state-file.ts";

/** Records of one partition, and where the next ones begin. */
export interface PartitionBatch {
  readonly partition: number;
  readonly records: readonly LogRecord[];
  readonly next: number;
}

export interface FoldResult {
  readonly applied: number;
  /** Records that are no JSON, or do not fit the schema of the topic; they change nothing. */
  readonly unfit: readonly { readonly partition: number; readonly offset: number }[];
}

/**
 * Applies batches and moves the positions of their partitions, all or nothing.
 * @param caughtUpAtMs when the topic was looked at, where its end is reached with these
 * @throws MillraceError `STORE_APPLY_FAILED` naming the record · `LOCAL_STORE_FAILED` | `DISK_FULL`
 */
export function foldRecords(
  definition: StoreDefinition,
  file: StateFile,
  batches: readonly PartitionBatch[],
  caughtUpAtMs: number | undefined,
): FoldResult {
  const unfit: { partition: number; offset: number }[] = [];
  let applied = 0;
  const positions = batches.map((batch) => toPosition(file, batch));
  const move = { positions, ...(caughtUpAtMs === undefined ? {} : { caughtUpAtMs }) };
  file.apply(move, (entries) => {
    const state = createState(entries);
    for (const { partition, records } of batches) {
      for (const record of records) {
        if (foldRecord(definition, state, partition, record)) applied += 1;
        else unfit.push({ partition, offset: record.offset });
      }
    }
  });
  return { applied, unfit };
}

/** False for a record that is no event of the topic. */
function foldRecord(
  definition: StoreDefinition,
  state: StoreState,
  partition: number,
  { key, value, offset, timeMs }: LogRecord,
): boolean {
  if (value === null) {
    if (key !== null) state.delete(toText(key));
    return true;
  }
  const event = parseEvent(definition, value);
  if (event === undefined) return false;
  try {
    const entryKey = definition.keyOf(event.value) ?? (key === null ? "" : toText(key));
    definition.apply(state, event.value, { key: entryKey, partition, offset, timeMs });
    return true;
  } catch (thrown) {
    throw applyFailed(definition, { partition, offset }, thrown);
  }
}

function createState(entries: EntryWriter): StoreState {
  const get = (key: string): unknown => parse(entries.get(key));
  const set = (key: string, value: unknown): void => entries.put(String(key), JSON.stringify(value));
  return {
    get,
    set,
    delete: (key) => entries.put(key, undefined),
    update: (key, change) => set(key, change(get(key))),
    *entries(prefix = "") {
      for (let after: string | undefined; ;) {
        const page = entries.list(prefix, after);
        for (const { key, text } of page) yield { key, value: parse(text) };
        after = page.at(-1)?.key;
        if (after === undefined) return;
      }
    },
  };
}

/** JSON as it is kept. */
export function parse(text: string | undefined): unknown {
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}

function parseEvent({ topic }: StoreDefinition, bytes: Uint8Array): { readonly value: unknown } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(toText(bytes));
  } catch {
    return undefined;
  }
  const checked = topic.schema.safeParse(value);
  return checked.success ? { value: checked.data } : undefined;
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

function toPosition(file: StateFile, { partition, records, next }: PartitionBatch): AppliedPosition {
  let timeMs = file.positions.get(partition)?.timeMs;
  for (const record of records) timeMs = Math.max(timeMs ?? record.timeMs, record.timeMs);
  return { partition, offset: next, timeMs };
}

function applyFailed(
  { name, topic }: StoreDefinition,
  { partition, offset }: { readonly partition: number; readonly offset: number },
  thrown: unknown,
): MillraceError {
  if (thrown instanceof MillraceError && thrown.code !== "STORE_APPLY_FAILED") return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const place = `${topic.name}/${partition}/${offset}`;
  return new MillraceError("STORE_APPLY_FAILED", `store \`${name}\` cannot apply a record (${message}): \`${place}\``, {
    cause: thrown,
    hint: "correct `apply`; the store is made anew with the code that is then, and serves what it holds meanwhile",
    details: { store: name, partition, offset },
  });
}
