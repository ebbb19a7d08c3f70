// What somebody who follows a log has read of its end. Workers write their lines down in batches, and their clocks differ, so
// that a line may take its place before lines that were read already: the last seconds are read again and again, and what
// was there before is left out.
import type { LogLine, LogPage } from "../../api/run.ts";

/** How long a line may take to be found although others after it were read. */
const latenessMs = 10_000;
const maxLines = 20_000;

/** Lines that were first seen in one look, or in one page of the first look. Behind `end` there was none at that time. */
interface Seen {
  readonly cursors: ReadonlySet<string>;
  readonly end: string;
  readonly atMs: number;
}

export class RecentLines {
  readonly #seen: Seen[] = [];
  #begin: string | undefined;
  /** What the present look has found, with its end and its moment. */
  #fresh: { readonly cursors: Set<string>; end: string; atMs: number } | undefined;
  #isFirstLook = true;

  /** Where the next look begins; `undefined` for the begin of the log. */
  get begin(): string | undefined {
    return this.#begin;
  }

  /** Lines that were first seen long ago are not looked for again. */
  forgetBefore(nowMs: number): void {
    let count = this.#seen.reduce((sum, { cursors }) => sum + cursors.size, 0);
    for (let oldest = this.#seen[0]; oldest !== undefined; [oldest] = this.#seen) {
      if (oldest.atMs >= nowMs - latenessMs && count <= maxLines) return;
      count -= oldest.cursors.size;
      this.#begin = oldest.end;
      this.#seen.shift();
    }
  }

  /** The lines of a page that were not there before; pages of a look come in their order. */
  keepFresh({ items, after_cursor: end }: LogPage, nowMs: number): readonly LogLine[] {
    const fresh = items.filter(({ cursor }) => !this.#seen.some(({ cursors }) => cursors.has(cursor)));
    if (end === null) return fresh;
    this.#fresh ??= { cursors: new Set(), end, atMs: nowMs };
    this.#fresh.end = end;
    this.#fresh.atMs = nowMs;
    for (const { cursor } of fresh) this.#fresh.cursors.add(cursor);
    // A long log is not kept: of the first look, whose pages are all new, only the last ones stay.
    if (this.#isFirstLook) {
      this.#keep();
      this.forgetBefore(nowMs);
    }
    return fresh;
  }

  /** All there was has been read. */
  endLook(): void {
    this.#isFirstLook = false;
    this.#keep();
  }

  // A look ends behind all lines that there are, so that what comes later in that order is seen by later looks only.
  #keep(): void {
    if (this.#fresh !== undefined && this.#fresh.cursors.size > 0) this.#seen.push(this.#fresh);
    this.#fresh = undefined;
  }
}
