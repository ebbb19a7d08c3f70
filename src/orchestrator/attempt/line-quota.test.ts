import fc from "fast-check";
import { expect, test } from "vitest";
import type { LogLevel } from "../../store/rows/run-records.ts";
import { LineQuota } from "./line-quota.ts";

const levels = ["debug", "info", "warn", "error"] as const;

test("errors find room whatever else was logged, and every line is kept or counted", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...levels), { maxLength: 60 }),
      fc.integer({ min: 1, max: 10 }),
      (lines, max) => {
        const quota = new LineQuota(max);
        const kept = lines.filter((level) => quota.take(level));
        const count = (of: readonly LogLevel[], isError: boolean): number =>
          of.filter((level) => (level === "error") === isError).length;
        expect(count(kept, true)).toBe(Math.min(max, count(lines, true)));
        expect(count(kept, false)).toBe(Math.min(max, count(lines, false)));
        expect(quota.takeDropped()).toBe(lines.length - kept.length);
        expect(quota.takeDropped()).toBe(0);
        const [first] = kept;
        if (first !== undefined) {
          quota.giveBack(first);
          expect(quota.take(first)).toBe(true);
        }
      },
    ),
    { numRuns: 200 },
  );
});
