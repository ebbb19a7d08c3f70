// Chance that is the same for the same seed: everything of an organisation is drawn from one of these.
import { createHash } from "node:crypto";

export interface Random {
  /** From 0 up to, not including, 1. */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** Whole seconds around `median`, a few of them many times as long, as times of people are; at least 1. */
  skewed(median: number): number;
  /** 40 hexadecimal digits that no other call gives. */
  sha(): string;
}

/** @param seed any whole number; `name` makes a stream of its own out of it */
export function createRandom(seed: number, name: string): Random {
  const digest = createHash("sha256").update(`${seed}:${name}`).digest();
  let state = digest.readUInt32LE(0);
  let shas = 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const between = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[Math.floor(next() * items.length)];
      if (item === undefined) throw new RangeError("expected something to pick from");
      return item;
    },
    skewed: (median) => {
      const normal = next() + next() + next() + next() - 2;
      return Math.max(1, Math.round(median * Math.exp(normal * 1.6)));
    },
    sha: () => {
      shas += 1;
      return createHash("sha1").update(`${seed}:${name}:${shas}`).digest("hex");
    },
  };
}
