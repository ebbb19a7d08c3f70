// The parked records of a partition: each key's in their order, of which the first alone is tried. While a key has one, its later
// records go behind it.
import type { GroupLedger, ParkedRecord } from "../../core/stream/stream-ledger.ts";
import type { LogRecord } from "../../core/stream/stream-record.ts";
import { decodeRecord } from "../records/record-block.ts";
import { laneKeyOf } from "./record-runner.ts";

export interface ParkedBookOptions {
  readonly ledger: Pick<GroupLedger, "listParked">;
  readonly group: string;
  readonly partition: number;
}

/** A parked record as the book has it. */
export interface ParkedRow {
  readonly id: number;
  readonly record: LogRecord;
  readonly laneKey: string;
  attempts: number;
  dueAtMs: number;
}

const pageSize = 500;
/** Beyond this the partition waits: what is parked is held in memory. */
const maxRows = 10_000;

/** Of one partition. */
export class ParkedBook {
  readonly #options: ParkedBookOptions;
  readonly #keys = new Map<string, ParkedRow[]>();
  /** Offsets of records that were parked here and are not in a list yet. */
  readonly #pending = new Map<string, Set<number>>();
  #lastId = 0;
  #count = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(options: ParkedBookOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#keys.size === 0 && this.#pending.size === 0;
  }

  get isFull(): boolean {
    return this.#count >= maxRows;
  }

  /** Whether records of the key go behind one that is parked. */
  holds(laneKey: string): boolean {
    return this.#keys.has(laneKey) || this.#pending.has(laneKey);
  }

  /** A record is about to be parked. */
  add(laneKey: string, offset: number): void {
    const pending = this.#pending.get(laneKey) ?? new Set();
    this.#pending.set(laneKey, pending.add(offset));
    this.#count += 1;
  }

  /** Finds what was parked since the last look, here or by a person who gave dead letters back. */
  refresh(): Promise<void> {
    const look = this.#last.then(() => this.#look());
    this.#last = look.catch(() => undefined);
    return look;
  }

  // One at a time, so that none enters a record twice.
  async #look(): Promise<void> {
    const { ledger, group, partition } = this.#options;
    for (;;) {
      const rows = await ledger.listParked({ group, partition, afterId: this.#lastId, limit: pageSize });
      for (const row of rows) this.#enter(row);
      if (rows.length < pageSize) return;
    }
  }

  /** The next record to be tried. */
  findDue(nowMs: number): ParkedRow | undefined {
    for (const [first] of this.#keys.values()) if (first !== undefined && first.dueAtMs <= nowMs) return first;
    return undefined;
  }

  /** A record is done, one way or another. */
  remove({ laneKey, id }: ParkedRow): void {
    const rows = this.#keys.get(laneKey)?.filter((row) => row.id !== id) ?? [];
    if (rows.length === 0) this.#keys.delete(laneKey);
    else this.#keys.set(laneKey, rows);
    this.#count -= 1;
  }

  #enter({ id, offset, payload, attempts, dueAtMs }: ParkedRecord): void {
    this.#lastId = Math.max(this.#lastId, id);
    const record = decodeRecord(payload, offset);
    const laneKey = laneKeyOf(record);
    const pending = this.#pending.get(laneKey);
    if (pending?.delete(offset) !== true) this.#count += 1;
    if (pending?.size === 0) this.#pending.delete(laneKey);
    const rows = this.#keys.get(laneKey) ?? [];
    rows.push({ id, record, laneKey, attempts, dueAtMs });
    rows.sort((a, b) => a.record.offset - b.record.offset);
    this.#keys.set(laneKey, rows);
  }
}
