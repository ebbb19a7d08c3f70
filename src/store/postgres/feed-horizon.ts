// Up to which position the stream of events is complete. Positions are taken before the commit, so a lower one may become
// visible after a higher one; readers are given only what nothing can come before any more.
import type { Database, Statement } from "./database.ts";

export interface FeedHorizonOptions {
  readonly db: Pick<Database, "query">;
  /** What wrote events in a transaction that stays open longer may be missed by who follows the stream. Default 5,000. */
  readonly longestWaitMs?: number;
}

/** How long the first look waits between two looks for writers to end. */
const firstWaitMs = 5;

/** Positions that are looked at one by one for the first that is missing. */
const maxLookedAt = 5_000;

interface Pending {
  /** Transactions that may have taken positions up to `upTo` and were open when that was read. */
  readonly writers: ReadonlySet<string>;
  readonly upTo: number;
  readonly atMs: number;
}

/** One for each open store. A position is settled when it is visible, or when all who wrote when it was taken have ended. */
export class FeedHorizon {
  readonly #db: Pick<Database, "query">;
  readonly #longestWaitMs: number;
  #settled: number | undefined;
  #pending: Pending | undefined;
  #look: Promise<number> | undefined;

  constructor({ db, longestWaitMs = 5_000 }: FeedHorizonOptions) {
    this.#db = db;
    this.#longestWaitMs = longestWaitMs;
  }

  /** Looks again. Calls that come meanwhile share the look. @returns the newest position that is settled */
  async advance(): Promise<number> {
    this.#look ??= this.#advance().finally(() => {
      this.#look = undefined;
    });
    return await this.#look;
  }

  async #advance(): Promise<number> {
    for (;;) {
      const settled = await this.#lookOnce();
      if (settled !== undefined) return settled;
      await new Promise((resolve) => setTimeout(resolve, firstWaitMs));
    }
  }

  // The order of the reads is what makes it safe: the positions that were given, then who writes, then what is visible.
  async #lookOnce(): Promise<number | undefined> {
    const last = await this.#readLast();
    // A database that was emptied counts anew.
    if (this.#settled !== undefined && this.#settled >= last) {
      this.#pending = undefined;
      this.#settled = last;
      return last;
    }
    const writers = await this.#readWriters();
    const pending = this.#pending;
    if (pending !== undefined && this.#isOver(pending, writers)) {
      this.#settle(pending.upTo);
      this.#pending = undefined;
    }
    if (writers.size === 0) {
      this.#pending = undefined;
      return this.#settle(last);
    }
    if (this.#settled !== undefined) this.#settle(await this.#findGap(this.#settled, last));
    if ((this.#settled ?? -1) < last) this.#pending ??= { writers, upTo: last, atMs: performance.now() };
    return this.#settled;
  }

  #isOver({ writers, atMs }: Pending, open: ReadonlySet<string>): boolean {
    return ![...writers].some((writer) => open.has(writer)) || performance.now() - atMs >= this.#longestWaitMs;
  }

  #settle(position: number): number {
    this.#settled = Math.max(this.#settled ?? 0, position);
    return this.#settled;
  }

  async #readLast(): Promise<number> {
    const { rows } = await this.#db.query<{ last: number }>(readLast, []);
    return rows[0]?.last ?? 0;
  }

  async #readWriters(): Promise<ReadonlySet<string>> {
    const { rows } = await this.#db.query<{ writer: string }>(readWriters, []);
    return new Set(rows.map(({ writer }) => writer));
  }

  // @returns the last position before the first that is not visible
  async #findGap(settled: number, last: number): Promise<number> {
    const { rows } = await this.#db.query<{ id: number }>(readPositions, [settled, last, maxLookedAt]);
    let reached = settled;
    for (const { id } of rows) {
      if (id !== reached + 1) break;
      reached = id;
    }
    return reached;
  }
}

const readLast: Statement = {
  name: "feed_last",
  text: "select case when is_called then last_value else last_value - 1 end as last from event_seq",
};

// A transaction that has written an event holds this lock until its end, and has taken it before its first position.
const readWriters: Statement = {
  name: "feed_writers",
  text: `select distinct virtualtransaction as writer from pg_locks
    where locktype = 'relation' and relation = 'event'::regclass and mode = 'RowExclusiveLock' and granted
    and database = (select oid from pg_database where datname = current_database())`,
};

const readPositions: Statement = {
  name: "feed_positions",
  text: "select id from event where id > $1 and id <= $2 order by id limit $3",
};
