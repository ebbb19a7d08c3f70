// The page of current figures is what the kept results give, and results are only kept of benches that exist.
import { readdir, readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { expect, test } from "vitest";
import { toRecord, type BenchRecord } from "../bench/harness/bench-record.ts";
import type { Machine } from "../bench/harness/machine.ts";
import { pagePath, readRecords } from "../bench/harness/record-results.ts";
import { formatPage } from "../bench/harness/results-page.ts";

const kept = await readRecords();

test("bench/RESULTS.md is the page that the kept results give", async () => {
  expect(kept.length).toBeGreaterThan(10);
  expect(await readFile(pagePath, "utf8")).toBe(formatPage(kept));
});

test("every kept result is of a bench that exists", async () => {
  const files = await readdir(resolve(import.meta.dirname, "..", "bench"), { recursive: true });
  const benches = files.filter((file) => file.endsWith(".bench.ts")).map((file) => basename(file, ".bench.ts"));
  expect(kept.map(({ bench }) => bench).filter((name) => !benches.includes(name))).toEqual([]);
});

test("a planted change of one figure gives another page", () => {
  const [first, ...others] = kept.map((record) => structuredClone(record));
  const changed = first?.measures.map((measure) => ({ ...measure, ours: { ...measure.ours, p50: 0.001 } })) ?? [];
  const planted = first === undefined ? [] : [{ ...first, measures: changed }];
  expect(formatPage([...planted, ...others])).not.toBe(formatPage(kept));
});

test("a page has a row a measure, with its target and whether it was kept", () => {
  const page = formatPage([makeRecord("b", [30, 10, 20], 25), makeRecord("a", [30, 10, 20], 15)]);
  expect(page).toContain("1 of 2 targets are met. Missed: [a](#a) 1.");
  expect(page).toContain("| one thing | 20.0 ms (30.0) | raw: 10.0 ms (10.0) | 2.00× (3.00) | ≤ 15 ms | **no** |");
  expect(page).toContain("| one thing | 20.0 ms (30.0) | raw: 10.0 ms (10.0) | 2.00× (3.00) | ≤ 25 ms | yes |");
  expect(page.indexOf("## a")).toBeLessThan(page.indexOf("## b"));
  expect(page).toContain("2026-01-02, commit abc, 3 repetitions in turns; 2 cores (cpu), 4 GB, Linux; Node v24");
});

test("a measure without a target is told and not judged", () => {
  const record = toRecord({ bench: bench("a"), measures: [{ ...measure([1]) }], othersShare: 0.111_11 }, machine, at);
  expect(record).toMatchObject({ othersShare: 0.1111, measures: [{ target: null, isMet: null }] });
  expect(formatPage([record])).toContain("| 0.10× (0.10) | – |  |");
});

const at = new Date("2026-01-02T03:04:05Z");
const machine: Machine = {
  cores: 2,
  cpu: "cpu",
  memoryGb: 4,
  system: "Linux",
  node: "v24",
  duckdb: "v1",
  sqlite: "3",
  postgres: "18",
  commit: "abc",
};

function makeRecord(name: string, ours: readonly number[], atMost: number): BenchRecord {
  const measures = [{ ...measure(ours), target: { kind: "value" as const, atMost } }];
  return toRecord({ bench: bench(name), measures, othersShare: 0 }, machine, at);
}

function bench(name: string): { name: string; description: string; run: () => Promise<[]> } {
  return { name, description: "what is measured", run: () => Promise.resolve([]) };
}

function measure(ours: readonly number[]): {
  name: string;
  unit: "ms";
  ours: readonly number[];
  peer: { name: string; values: number[] };
} {
  return { name: "one thing", unit: "ms", ours, peer: { name: "raw", values: ours.map(() => 10) } };
}
