// Counts what lies in a topic while it is read, and says what of it is lost, doubled, made up or out of order.
import type { LaidRecord } from "./decode-blocks.ts";

/** Of one topic. It holds a number for each record. */
export class TopicTally {
  readonly #name: string;
  readonly #isDense: boolean;
  readonly #keys = new Map<string, number[]>();
  readonly #ends = new Map<number, number>();
  readonly #holes = new Set<number>();

  /** @param isDense whether offsets follow each other without gaps */
  constructor(name: string, isDense: boolean) {
    this.#name = name;
    this.#isDense = isDense;
  }

  /** Takes the next record of its partition. */
  add({ partition, offset, key, n }: LaidRecord): void {
    const end = this.#ends.get(partition) ?? 0;
    if (this.#isDense ? offset !== end : offset < end) this.#holes.add(partition);
    this.#ends.set(partition, offset + 1);
    const own = this.#keys.get(key);
    if (own === undefined) this.#keys.set(key, [n]);
    else own.push(n);
  }

  /** What is wrong with it, where the numbers below `count` were fed. */
  findFaults(count: number): readonly string[] {
    const holes = this.#isDense ? "holes" : "offsets that go back";
    return [
      ...findFaults(`topic \`${this.#name}\``, [...this.#keys.values()].flat(), count),
      ...(this.#holes.size === 0 ? [] : [`topic \`${this.#name}\`: ${this.#holes.size} partitions have ${holes}`]),
    ];
  }

  /** Keys whose records are in another order here than in the topic that they were made from. */
  findDisorder(origin: TopicTally): readonly string[] {
    const keys = [...origin.#keys].flatMap(([key, numbers]) => {
      const own = this.#keys.get(key) ?? [];
      return numbers.length === own.length && numbers.every((n, index) => own[index] === n) ? [] : [key];
    });
    return keys.length === 0 ? [] : [`the order of ${keys.length} keys is another one: ${keys.slice(0, 5).join(", ")}`];
  }
}

/** What is not there once of the numbers below `count`. */
export function findFaults(where: string, found: readonly number[], count: number): readonly string[] {
  const times = new Uint32Array(count);
  let strangers = 0;
  for (const n of found) {
    if (Number.isInteger(n) && n >= 0 && n < count) times[n] = (times[n] ?? 0) + 1;
    else strangers += 1;
  }
  const [lost, doubled] = [rangesOf(times, (time) => time === 0), rangesOf(times, (time) => time > 1)];
  if (lost.count + doubled.count + strangers === 0) return [];
  return [
    `${where}: ${lost.count} lost${lost.text}, ${doubled.count} there more than once${doubled.text}, ${strangers} that nobody made`,
  ];
}

const shownRanges = 5;

/** How many there are, and where the first of them are. */
function rangesOf(
  times: Uint32Array,
  isMeant: (time: number) => boolean,
): { readonly count: number; readonly text: string } {
  let count = 0;
  const ranges: { from: number; to: number }[] = [];
  for (const [n, time] of times.entries()) {
    if (!isMeant(time)) continue;
    count += 1;
    const last = ranges.at(-1);
    if (last?.to === n - 1) last.to = n;
    else if (ranges.length <= shownRanges) ranges.push({ from: n, to: n });
  }
  const shown = ranges.slice(0, shownRanges).map(({ from, to }) => (from === to ? `${from}` : `${from}–${to}`));
  const text = count === 0 ? "" : ` (${shown.join(", ")}${ranges.length > shownRanges ? ", …" : ""})`;
  return { count, text };
}
