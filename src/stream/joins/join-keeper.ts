// The keys of one partition: read when records of theirs come, never held. What is remembered is how many wait and when the next is due.
import type { JoinLedger, JoinRow, JoinState } from "../../core/stream/join-ledger.ts";
import { toSlot } from "./join-merge.ts";
import { isWaiting, type JoinTurn } from "./join-turn.ts";

export interface JoinKeeperOptions {
  readonly ledger: JoinLedger;
  readonly group: string;
  readonly partition: number;
}

const farMs = Number.MAX_SAFE_INTEGER;

/** Only the holder of the partition writes, so what it counts stays right until it loses it. */
export class JoinKeeper {
  readonly #options: JoinKeeperOptions;
  readonly #nextDue = new Map<JoinState, number>();
  #waiting = 0;

  constructor(options: JoinKeeperOptions) {
    this.#options = options;
  }

  /** Keys that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Counts, once for each holding. */
  async open(): Promise<void> {
    const { ledger, group, partition } = this.#options;
    for (const { state, keys, nextDueAtMs } of await ledger.measureJoins({ group, partition })) {
      this.#nextDue.set(state, nextDueAtMs);
      if (isWaiting(state)) this.#waiting += keys;
    }
  }

  nextDueAtMs(state: JoinState): number {
    return this.#nextDue.get(state) ?? Infinity;
  }

  /** Reads what the store has of keys. */
  async load(turn: JoinTurn, keys: Iterable<string>): Promise<void> {
    const { ledger, group, partition } = this.#options;
    const unknown = [...new Set(keys)].filter((key) => !turn.knows(key));
    if (unknown.length === 0) return;
    const rows = await ledger.readJoins({ group, partition, keys: unknown });
    const found = new Map(rows.map((row) => [row.key, row]));
    for (const key of unknown) {
      const row = found.get(key);
      turn.load(key, row === undefined ? undefined : toSlot(row));
    }
  }

  /** Keys that are due, the first ones. */
  async listDue(state: JoinState, dueByMs: number, limit: number): Promise<readonly JoinRow[]> {
    const { ledger, group, partition } = this.#options;
    const rows = await ledger.listDueJoins({ group, partition, state, dueByMs, limit });
    if (rows.length < limit) {
      const [next] = await ledger
        .listDueJoins({ group, partition, state, dueByMs: farMs, limit: rows.length + 1 })
        .then((all) => all.slice(rows.length));
      this.#nextDue.set(state, next?.dueAtMs ?? Infinity);
    }
    return rows;
  }

  /** What a turn has changed is durable now. */
  note(turn: JoinTurn): void {
    this.#waiting += turn.growth;
    for (const state of ["open", "failed", "emitted"] as const)
      this.#nextDue.set(state, Math.min(this.nextDueAtMs(state), turn.nextDueAtMs(state)));
  }
}
