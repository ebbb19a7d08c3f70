// The rules of a join, without any I/O: what becomes of a key when a record comes.
import type { JoinRow, JoinState } from "../../core/stream/join-ledger.ts";
import type { LogRecord } from "../../core/stream/stream-record.ts";
import { decodeArrivals, sizeOfArrivals } from "./join-arrivals.ts";
import type { JoinSettings } from "./join-settings.ts";

/** A key while it is worked on. */
export interface JoinSlot {
  readonly key: string;
  state: JoinState;
  arrivals: Map<number, LogRecord>;
  firstTimeMs: number;
  dueAtMs: number;
  attempts: number;
  error: { readonly code: string; readonly message: string } | undefined;
  /** The input that came last. */
  last: number;
}

/** `ignored`: it changes nothing. `waits`: more has to come. `complete`: the handler is to be called. `large`: it does not fit. */
export type MergeResult = "ignored" | "waits" | "complete" | "large";

type Rules = Pick<JoinSettings, "inputs" | "duplicates" | "late" | "maxBytesPerKey">;

export function toSlot(row: JoinRow): JoinSlot {
  const { key, state, firstTimeMs, dueAtMs, attempts, payload } = row;
  const arrivals = payload === null ? new Map<number, LogRecord>() : decodeArrivals(payload, countBits(row.inputs));
  const error = row.errorCode === null ? undefined : { code: row.errorCode, message: row.errorMessage ?? "" };
  return { key, state, arrivals, firstTimeMs, dueAtMs, attempts, error, last: [...arrivals.keys()].at(-1) ?? 0 };
}

/** @param timeMs of its first record, never in the future */
export function openSlot(key: string, timeMs: number, expireMs: number): JoinSlot {
  return {
    key,
    state: "open",
    arrivals: new Map(),
    firstTimeMs: timeMs,
    dueAtMs: timeMs + expireMs,
    attempts: 0,
    error: undefined,
    last: 0,
  };
}

/** Puts a record to those that have come. */
export function mergeRecord(slot: JoinSlot, input: number, record: LogRecord, rules: Rules): MergeResult {
  if (slot.state === "emitted" && rules.late === "ignore") return "ignored";
  if (slot.state !== "emitted" && slot.arrivals.has(input) && rules.duplicates === "first") return "ignored";
  const arrivals = new Map(slot.arrivals);
  arrivals.delete(input); // the last that came is the last in order
  arrivals.set(input, record);
  if (sizeOfArrivals(arrivals) > rules.maxBytesPerKey) return "large";
  slot.arrivals = arrivals;
  slot.last = input;
  // the handler is tried again anyway
  if (slot.state === "failed") return "waits";
  return arrivals.size === rules.inputs.length ? "complete" : "waits";
}

/** Bit for bit which inputs are there. */
export function inputsOf({ arrivals }: Pick<JoinSlot, "arrivals">): number {
  let bits = 0;
  for (const input of arrivals.keys()) bits += 2 ** input;
  return bits;
}

function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}
