// The access log of the page-hits example and of benches: the same bytes for the same seed, and a tally that a slow count agrees with.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AccessLog, type AccessLogOptions } from "../../../examples/page-hits/logs/access-log.ts";
import { countNaively, writeAccessLog } from "../../../examples/page-hits/logs/write-access-log.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";

const temporary = useTemporaryFolder("access-log");

test("a slow count of plain and packed parts comes to what the log says that is in them", async () => {
  const parts = [
    { name: "a.log", bytes: 600_000 },
    { name: "b.log.gz", bytes: 300_000 },
  ];
  const { lines, badLines, hits, paths } = await writeAccessLog(temporary(), parts, { badPerMillion: 20_000 });
  const counted = await countNaively(parts.map(({ name }) => join(temporary(), name)));
  const expected = paths.flatMap((path, page) => (hits[page] === 0 ? [] : [[path, hits[page]] as const]));
  expect(new Map(counted.hits)).toEqual(new Map(expected));
  expect(counted.badLines).toBe(badLines);
  expect(hits.reduce((sum, count) => sum + count, badLines)).toBe(lines);
  expect(badLines / lines).toBeGreaterThan(0.015);
  expect(badLines / lines).toBeLessThan(0.025);
  expect((await readFile(join(temporary(), "b.log.gz"))).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
});

test("the same seed gives the same bytes, another one does not", () => {
  const [first, same, other] = [7, 7, 8].map((seed) => new AccessLog({ seed }).next(200_000));
  expect(first).toEqual(same);
  expect(first).not.toEqual(other);
});

test("pages are asked for by Zipf's law, or alike, or one of them as often as it is said", () => {
  const shares = (options: AccessLogOptions): readonly number[] => {
    const log = new AccessLog({ pages: 1_000, badPerMillion: 0, ...options });
    log.next(1_500_000);
    const { hits, lines } = log.tally;
    return [...hits].map((count) => count / lines);
  };
  const zipf = shares({});
  expect(zipf[0]).toBeCloseTo(0.134, 1);
  expect((zipf[0] ?? 0) / (zipf[9] ?? 1)).toBeGreaterThan(7);
  expect(Math.max(...shares({ skew: 0 }))).toBeLessThan(0.01);
  expect(shares({ hotShare: 0.9 })[0]).toBeCloseTo(0.91, 1);
});
