// Merges runs into one sequence of entries in order, with a tree of losers: one comparison a level for each entry.
import { compareCursors, type RunCursor } from "./run-cursor.ts";

/** Yields nothing by itself: `top` is the cursor with the first entry, until `pop` moves it on. */
export class RunMerge {
  #top: RunCursor | undefined;
  /** Losers of the matches, from index 1; leaves are the cursors. */
  readonly #losers: (RunCursor | undefined)[];
  readonly #leaves: number;

  /** @param cursors fresh ones, in front of their first entries, each with its place among them for its order */
  constructor(cursors: readonly RunCursor[]) {
    this.#leaves = cursors.length;
    this.#losers = Array.from({ length: cursors.length }, () => undefined);
    const started = cursors.map((cursor) => (cursor.next() ? cursor : undefined));
    this.#top = cursors.length === 1 ? started[0] : this.#play(1, started);
  }

  /** The cursor that stands on the first entry of all; `undefined` when all have ended. */
  get top(): RunCursor | undefined {
    return this.#top;
  }

  /** Moves the top on. */
  pop(): void {
    const moved = this.#top;
    if (moved === undefined) return;
    let winner = moved.next() ? moved : undefined;
    const losers = this.#losers;
    for (let at = (moved.order + this.#leaves) >> 1; at > 0; at >>= 1) {
      const other = losers[at];
      if (other !== undefined && (winner === undefined || compareCursors(other, winner) < 0)) {
        losers[at] = winner;
        winner = other;
      }
    }
    this.#top = winner;
  }

  /** The winner below a node; the losers stay on the way. */
  #play(node: number, started: readonly (RunCursor | undefined)[]): RunCursor | undefined {
    if (node >= started.length) return started[node - started.length];
    const left = this.#play(node * 2, started);
    const right = this.#play(node * 2 + 1, started);
    const isLeft = right === undefined || (left !== undefined && compareCursors(left, right) < 0);
    this.#losers[node] = isLeft ? right : left;
    return isLeft ? left : right;
  }
}
