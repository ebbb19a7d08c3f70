// Replays of a whole project: beside the live group, into datasets of their own, and swapped in by one step.
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { App } from "../../../src/app/app.ts";
import { createDuckDbEngine } from "../../../src/compute/duckdb/duckdb-engine.ts";
import { defineVersion } from "../../../src/data/datasets/dataset-relation.ts";
import { createCommandContext } from "../../../src/cli/command-context.ts";
import type { ReplayState } from "../../../src/core/stream/replay.ts";
import type { MeasuredReplay } from "../../../src/server/replay-desk.ts";
import { createSmallProject, type SmallProject } from "../../support/cli/small-project.ts";

const topic = `import { defineTopic } from "millrace";
import { z } from "zod";
export const orders = defineTopic({ name: "orders", partitions: 2, schema: z.object({ id: z.string(), n: z.number() }), key: (order) => order.id });
export const seen = defineTopic({ name: "seen" });
`;
const sums = `import { readFileSync } from "node:fs";
import { streamJob } from "millrace";
import { orders } from "../topics.ts";
export default streamJob({
  name: "sums", topic: orders, batch: { records: 4 }, outputs: ["sums"],
  handle: (batch, ctx) => ctx.data.publish({
    sql: "select id, n * " + readFileSync(ctx.path("factor.txt"), "utf8") + " as n, _partition, _offset from batch", output: { dataset: "sums", mode: "append" } }),
});
`;

let project: SmallProject;
let app: App;
afterEach(async () => {
  await app[Symbol.asyncDispose]();
  await project[Symbol.asyncDispose]();
});

async function open(files: Readonly<Record<string, string>>): Promise<void> {
  project = await createSmallProject({ "topics.ts": topic, "factor.txt": "1", ...files });
  app = await createCommandContext(project.path).openApp();
}

async function produce(count: number, from = 0): Promise<void> {
  const records = Array.from({ length: count }, (_, index) => {
    const n = from + index;
    return { value: { id: `o${n % 7}`, n }, key: undefined, headers: {}, atMs: 1_000 + n };
  });
  await app.streams.produce("orders", { records, idempotencyKey: undefined });
}

async function until<Found>(check: () => Promise<Found | undefined | false>): Promise<Found> {
  for (;;) {
    const found = await check();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function untilState(id: string, ...states: readonly ReplayState[]): Promise<MeasuredReplay> {
  return await until(async () => {
    const view = await app.replays.find(id);
    return states.includes(view.state) && view;
  });
}

/** How many records the live group has passed. */
async function livePosition(): Promise<number> {
  const group = await app.store.findGroup("sums");
  return (group?.positions ?? []).reduce((sum, { offset }) => sum + offset, 0);
}

async function rowsOf(dataset: string): Promise<readonly Record<string, unknown>[]> {
  const version = await app.store.findDataset(dataset);
  if (version === undefined) throw new Error(`nothing was published as ${dataset}`);
  await using engine = createDuckDbEngine({ threads: 1, memoryLimit: "256MB" });
  await using session = await engine.open();
  await defineVersion(session, "t", version, { spool: join(project.path, "spool"), warn: () => undefined });
  return await session.query(
    "select id, n::int as n, _partition, _offset::int as _offset from t order by _partition, _offset",
  );
}

const start = { job: "sums", from: "earliest", swap: false, withEffects: false, by: "ada" } as const;

test("a replay makes what the live job has made, beside it, and the live group does not move", async () => {
  await open({ "jobs/sums.ts": sums });
  await produce(18);
  await app.startWorker();
  const scheduler = await app.startScheduler();
  await until(async () => (await livePosition()) === 16);
  const live = await app.store.findGroup("sums");
  const { id } = await app.replays.start({ ...start, to: { offset: 100 } });
  const ready = await untilState(id, "ready", "failed");
  expect(ready).toMatchObject({ state: "ready", done: 18, total: 18, id: "sums@replay-1" });
  const [before, after] = [await rowsOf("sums"), await rowsOf("sums__replay_1")];
  // the live one waits for more before it takes the last two
  expect(after.filter((row) => before.some((other) => JSON.stringify(other) === JSON.stringify(row)))).toEqual(before);
  expect(after).toHaveLength(18);
  expect((await app.store.findGroup("sums"))?.positions).toEqual(live?.positions);
  expect(await app.store.findGroup(id)).toBeUndefined();
  await scheduler.stop();
});

test("a swap makes the result of changed code the dataset, with what came meanwhile, and each record once", async () => {
  await open({ "jobs/sums.ts": sums });
  await produce(16);
  await app.startWorker();
  const scheduler = await app.startScheduler();
  await until(async () => (await livePosition()) === 16);
  await scheduler.stop();
  const before = await rowsOf("sums");
  const place = (row: Record<string, unknown>): string => `${String(row["_partition"])}/${String(row["_offset"])}`;
  const single = new Map(before.map((row) => [place(row), Number(row["n"])]));
  // what the code makes of a record is another thing from now on
  await project.write("factor.txt", "2");
  await produce(8, 16);
  const again = await app.startScheduler();
  const { id } = await app.replays.start({ ...start, swap: true });
  const factors = new Set<string>();
  const swapped = await until(async () => {
    const rows = (await rowsOf("sums")).filter((row) => single.has(place(row)));
    expect(rows).toHaveLength(before.length);
    const found = new Set(
      rows.filter(({ n }) => n !== 0).map((row) => Number(row["n"]) / (single.get(place(row)) ?? 0)),
    );
    factors.add([...found].join());
    const view = await app.replays.find(id);
    return ["swapped", "failed"].includes(view.state) && view;
  });
  expect(swapped).toMatchObject({ state: "swapped" });
  await until(async () => (await livePosition()) === 24);
  const rows = await until(async () => {
    const found = await rowsOf("sums");
    return found.length === 24 && found;
  });
  await again.stop();
  // a reader has seen all of one or all of the other
  expect([...factors].toSorted()).toEqual(["1", "2"]);
  const expected = Array.from({ length: 24 }, (_, n) => 2 * n);
  expect(rows.map(({ n }) => Number(n)).toSorted((a, b) => a - b)).toEqual(expected);
});

test("a replay that is cancelled leaves the dataset as it was", async () => {
  await open({ "jobs/sums.ts": sums });
  await produce(8);
  const { id } = await app.replays.start(start);
  expect((await app.replays.cancel(id, "ada")).state).toBe("cancelled");
  await expect(app.replays.swap(id)).rejects.toMatchObject({ code: "REPLAY_CLOSED" });
  await expect(app.replays.cancel(id, "ada")).rejects.toMatchObject({ code: "REPLAY_CLOSED" });
  expect(await app.store.findGroup(id)).toBeUndefined();
});
