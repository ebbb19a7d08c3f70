// A batch: exact ranges of topics that one run works through. It stays what it is, so that a retry reads the same records.
import type { NewDeadLetter } from "./set-aside-record.ts";
import type { TopicState } from "./stream-log.ts";
import type { LogRecord } from "./stream-record.ts";
import type { TopicRange } from "./topic-reader.ts";

/** `open`: its run has it, or has failed with it. `given_up`: a person has said that it is to be left out. */
export type BatchState = "open" | "done" | "given_up";

/** Why it was made when it was made; `end`: what is replayed ends there. */
export type BatchCause = "records" | "bytes" | "age" | "cron" | "end";

/** How much there is. Where the log knows no sizes they are estimated. */
export interface BatchSize {
  readonly records: number;
  /** Of keys, values and headers, before compression. */
  readonly bytes: number;
  /** When the first of them came, by the clock of the log. */
  readonly firstAtMs: number;
  /** Event times. Absent where the log does not tell. */
  readonly minTimeMs?: number;
  readonly maxTimeMs?: number;
}

/** Where a batch ends at the latest. */
export interface BatchLimits {
  readonly records: number | undefined;
  /** To the end of the block that has it. */
  readonly bytes: number | undefined;
  /** Records that came later are left for the next one. */
  readonly untilMs: number | undefined;
}

/** What is asked of the log, wherever it is. */
export interface BatchLog {
  /** Those of the names that there are. */
  findTopics(names: readonly string[]): Promise<readonly TopicState[]>;
  /** `undefined` for a range without a record. */
  measure(ranges: readonly TopicRange[]): Promise<readonly (BatchSize | undefined)[]>;
  /** The part of what waits that a batch takes. A range may begin later than it was given, where no record was before. */
  cut(ranges: readonly TopicRange[], limits: BatchLimits): Promise<readonly TopicRange[]>;
}

export interface BatchRecord extends BatchSize {
  readonly group: string;
  /** From 1, in the order in which batches follow each other in the group. */
  readonly number: number;
  readonly job: string;
  readonly state: BatchState;
  readonly because: BatchCause;
  /** The run that it was given to. */
  readonly runId: number;
  readonly ranges: readonly TopicRange[];
  readonly openedAtMs: number;
  readonly endedAtMs: number | undefined;
  /** Who gave it up. */
  readonly endedBy: string | undefined;
  /** What its handler returned, of one that is done. */
  readonly result: unknown;
}

/** What a run does with its batch. Refused with `RUN_LOST` when the lease is gone. */
export interface BatchLedger {
  findBatch(group: string, number: number): Promise<BatchRecord | undefined>;
  /**
   * The group is past the batch: its offsets move in the transaction that makes the batch done. Of one that is done nothing changes.
   * @param deadLetters its records that were left out; written in the same transaction
   * @throws MillraceError `BATCH_CLOSED` when it was given up, or is another run's
   */
  endBatch(group: string, number: number, result: unknown, deadLetters: readonly NewDeadLetter[]): Promise<void>;
}

/** What people and runs call a batch, such as `dashboard/12`. */
export function formatBatchId({ group, number }: Pick<BatchRecord, "group" | "number">): string {
  return `${group}/${number}`;
}

/** `undefined` for what is no such text. */
export function parseBatchId(text: unknown): { readonly group: string; readonly number: number } | undefined {
  const [, group, number] =
    typeof text === "string" ? (/^([a-z][a-z0-9_]*(?:@replay-[a-z0-9_]+)?)\/([1-9]\d{0,14})$/.exec(text) ?? []) : [];
  return group === undefined || number === undefined ? undefined : { group, number: Number(number) };
}

/** Parts as one; `undefined` for none. */
export function uniteSizes(parts: readonly BatchSize[]): BatchSize | undefined {
  if (parts.length === 0) return undefined;
  const sum = (of: (part: BatchSize) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const times = parts.flatMap(({ minTimeMs, maxTimeMs }) => [minTimeMs, maxTimeMs]).filter((ms) => ms !== undefined);
  return {
    records: sum(({ records }) => records),
    bytes: sum(({ bytes }) => bytes),
    firstAtMs: Math.min(...parts.map(({ firstAtMs }) => firstAtMs)),
    ...(times.length === 0 ? {} : { minTimeMs: Math.min(...times), maxTimeMs: Math.max(...times) }),
  };
}

/** Records of a batch that do not fit: whatever reads the batch leaves them out, and they are dead letters when it ends. Of one attempt. */
export interface LeftOutRecords {
  /**
   * Notes a record, once however often it is read.
   * @throws MillraceError `RECORD_INVALID` when there are so many that it is the schema that is wrong
   */
  add(range: TopicRange, record: LogRecord, problem: string): void;
  /** All of them, as dead letters. @param code fingerprint of the code that left them out */
  list(code: string): readonly NewDeadLetter[];
}
