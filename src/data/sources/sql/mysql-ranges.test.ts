import fc from "fast-check";
import { expect, test } from "vitest";
import { splitRange } from "./mysql-ranges.ts";

/** Reads conditions such as `k >= 1 AND k < 5`. */
function meets(condition: string, key: bigint): boolean {
  const least = /k >= (-?\d+)/.exec(condition)?.[1];
  const end = /k < (-?\d+)/.exec(condition)?.[1];
  return (least === undefined || key >= BigInt(least)) && (end === undefined || key < BigInt(end));
}

test("every key, also one outside of what was there, is in exactly one range", () => {
  const key = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n });
  fc.assert(
    fc.property(key, key, key, fc.integer({ min: 2, max: 20 }), (one, other, sought, count) => {
      const [least, most] = one < other ? [one, other] : [other, one];
      const ranges = splitRange("k", least, most, count);
      const isSmall = most - least < BigInt(count);
      expect(ranges).toHaveLength(isSmall ? 0 : count);
      expect(ranges.filter((range) => meets(range, sought))).toHaveLength(isSmall ? 0 : 1);
    }),
    { numRuns: 200 },
  );
});
