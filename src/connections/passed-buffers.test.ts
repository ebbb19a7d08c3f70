import { GCProfiler } from "node:v8";
import { expect, test } from "vitest";
import { notePassed } from "./passed-buffers.ts";

test("buffers that have passed are looked for among what is young, without a search of the whole heap", () => {
  const profiler = new GCProfiler();
  profiler.start();
  for (let index = 0; index < 512; index += 1) notePassed(64 * 1024);
  const kinds = profiler.stop()?.statistics.map(({ gcType }) => gcType) ?? [];
  expect(kinds.filter((kind) => kind === "Scavenge").length).toBeGreaterThanOrEqual(2);
});
