import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import { defineJob, isJob, type Job } from "../../../src/core/job/job.ts";
import type { JobContext } from "../../../src/core/job/job-context.ts";
import { importModule } from "../../../src/project/import-module.ts";
import type { Json, RunSummary } from "../../../src/store/rows/run-records.ts";
import { createWorkerFixture, type WorkerFixture } from "../../support/workers/worker-fixture.ts";

const soon = { retry: { maxRetries: 3, baseDelay: "1ms", jitter: false } } as const;

test("each run goes on where the one before stopped, and a failed attempt moves nothing", async () => {
  await using fixture = await createWorkerFixture();
  const seen: unknown[] = [];
  let failures = 1;
  const job = defineJob({
    name: "reads_on",
    ...soon,
    async execute(ctx) {
      const from = await ctx.watermark().load();
      seen.push(from);
      if (failures > 0) {
        failures -= 1;
        throw new MillraceError("JOB_FAILED_TRANSIENT", "the source is busy");
      }
      await ctx.watermark().advance(typeof from === "number" ? from + 10 : 10);
    },
  });
  await fixture.startWorker([job]);
  for (let run = 0; run < 3; run += 1) await fixture.waitFor(await fixture.submit(job));
  expect(seen).toEqual([undefined, undefined, 10, 20]);
  expect(await fixture.store.findWatermark(keyOf(job.name))).toMatchObject({ value: 30, version: 3 });
});

test("a full refresh reads from the beginning, and the next run goes on from there", async () => {
  await using fixture = await createWorkerFixture();
  const seen: unknown[] = [];
  const job = defineJob({
    name: "refreshed",
    params: z.object({ upTo: z.number() }),
    async execute(ctx) {
      seen.push(await ctx.watermark().load(), ctx.run.isFullRefresh, Object.keys(ctx.params));
      await ctx.watermark().advance(ctx.params.upTo);
      seen.push(await ctx.watermark().load());
    },
  });
  await fixture.startWorker([job]);
  const run = async (params: Record<string, Json>): Promise<unknown> =>
    await fixture.waitFor(await fixture.submit(job, params));
  await run({ upTo: 30 });
  expect(await run({ upTo: 10, $full_refresh: true })).toMatchObject({ state: "FINISHED" });
  await run({ upTo: 20 });
  const declared = ["upTo"];
  expect(seen).toEqual([undefined, false, declared, 30, undefined, true, declared, 10, 10, false, declared, 20]);
});

test("a rewind by a person during a run wins, and the next attempt reads from there", async () => {
  await using fixture = await createWorkerFixture();
  const seen: unknown[] = [];
  const job = defineJob({
    name: "rewound",
    ...soon,
    async execute(ctx) {
      const from = Number((await ctx.watermark().load()) ?? 0);
      seen.push(from);
      if (from === 100) await rewind(fixture, job.name, 1, 40);
      await ctx.watermark().advance(from + 10);
    },
  });
  await rewind(fixture, job.name, 0, 100);
  await fixture.startWorker([job]);
  const run = await fixture.waitFor(await fixture.submit(job));
  expect(run).toMatchObject({ state: "FINISHED", attempt: 2 });
  expect(seen).toEqual([100, 40]);
  const [attempt] = await fixture.store.listAttempts(run.id);
  expect(attempt?.error?.code).toBe("WATERMARK_MOVED");
  expect(await fixture.store.findWatermark(keyOf(job.name))).toMatchObject({ value: 50 });
});

test("advances build on each other, also those that are not awaited one by one and those without a load", async () => {
  await using fixture = await createWorkerFixture();
  await rewind(fixture, "many", 0, 3);
  const job = defineJob({
    name: "many",
    async execute(ctx) {
      await Promise.all([4, 5, 5, 6].map((value) => ctx.watermark().advance(value)));
      await ctx.watermark("orders").advance("2026-01-01");
      return [await ctx.watermark().load(), await ctx.watermark("orders").load(), await ctx.watermark("x").load()];
    },
  });
  await fixture.startWorker([job]);
  const run = await fixture.waitFor(await fixture.submit(job));
  expect(run).toMatchObject({ state: "FINISHED", result: [6, "2026-01-01", null] });
  expect(await fixture.store.findWatermark(keyOf("many"))).toMatchObject({ version: 4 });
});

const mistakes: readonly [name: string, act: (ctx: JobContext) => Promise<unknown>, message: string][] = [
  ["going back", (ctx) => ctx.watermark().advance(5), "expected the watermark to move on from `7`, got: `5`"],
  ["another type", (ctx) => ctx.watermark().advance("8"), "expected the watermark to stay a number"],
  ["a date", (ctx) => ctx.watermark().advance(new Date(0) as never), "got: `Date`"],
  ["no number", (ctx) => ctx.watermark().advance(Number.NaN), "got: `NaN`"],
  ["nothing", (ctx) => ctx.watermark().advance(undefined as never), "got: `undefined`"],
  ["no name", async (ctx) => await ctx.watermark("").load(), "expected the name of a watermark"],
  [
    "moving it while rows are published",
    async (ctx) => {
      const published = Promise.allSettled([ctx.data.publish({ output: { dataset: "rows" } })]);
      try {
        await ctx.watermark().advance(9);
      } finally {
        await published;
      }
    },
    "was moved while its rows were being published",
  ],
];

test.each(mistakes)("%s fails the run and leaves the watermark", async (_name, act, message) => {
  await using fixture = await createWorkerFixture();
  await rewind(fixture, "mistaken", 0, 7);
  const job = defineJob({ name: "mistaken", ...soon, execute: (ctx) => act(ctx) });
  await fixture.startWorker([job]);
  const run = await fixture.waitFor(await fixture.submit(job));
  expect(run).toMatchObject({ state: "ERROR", attempt: 1, error: { code: "VALUE_INVALID" } });
  expect(run.error?.message).toContain(message);
  expect(await fixture.store.findWatermark(keyOf("mistaken"))).toMatchObject({ version: 1, value: 7 });
});

test("an end that was fixed stays for later attempts, and nothing moves beyond it", async () => {
  await using fixture = await createWorkerFixture();
  const ends: unknown[] = [];
  const job = defineJob({
    name: "fixed",
    ...soon,
    async execute(ctx) {
      const watermark = ctx.watermark("a");
      ends.push(await watermark.readUpTo(10 * ctx.run.attempt), await watermark.readUpTo(99));
      await watermark.advance(4);
      if (ctx.run.attempt === 1) throw new MillraceError("JOB_FAILED_TRANSIENT", "the worker fell over");
      await watermark.advance(10);
      await watermark.advance(11);
    },
  });
  await fixture.startWorker([job]);
  const run = await fixture.waitFor(await fixture.submit(job));
  expect(ends).toEqual([10, 10, 10, 10]);
  expect(run.error?.message).toBe("expected watermark `a` to stay within `10`, up to which this run reads, got: `11`");
  expect(await fixture.store.findWatermark({ ...keyOf("fixed"), name: "a" })).toMatchObject({ value: 10 });
});

// Orders of a shop, by the time of their last change.
const orders = [1, 2, 3].map((id) => ({ id, at: id }));

describe.each(["thread", "process"])("a job in a %s that reads an API by watermark", (isolation) => {
  test("reads each order once, run by run", async () => {
    await using shop = await openShop(isolation, "const upTo = await watermark.readUpTo(newest);");
    expect((await shop.run()).result).toEqual({ after: 0, upTo: 3, total: 3 });
    shop.orders.push({ id: 4, at: 4 });
    expect((await shop.run()).result).toEqual({ after: 3, upTo: 4, total: 4 });
    expect(shop.asked).toEqual(["0-3", "3-4"]);
  });

  test("leaves out no order that came between an attempt that published and the next", async () => {
    await using shop = await openShop(isolation, "const upTo = await watermark.readUpTo(newest);", "failOnce");
    const first = await shop.run();
    expect(first).toMatchObject({ attempt: 2, result: { after: 0, upTo: 3, total: 3 } });
    expect((await shop.run()).result).toEqual({ after: 3, upTo: 4, total: 4 });
    expect(shop.asked).toEqual(["0-3", "0-3", "3-4"]);
  });

  test("fails, and moves nothing, when it reads further than the attempt that published", async () => {
    await using shop = await openShop(isolation, "const upTo = newest;", "failOnce");
    const first = await shop.run();
    expect(first).toMatchObject({ state: "ERROR", attempt: 2, error: { code: "VALUE_INVALID" } });
    expect(first.error?.message).toContain("may have published fewer rows");
    expect((await shop.run()).result).toEqual({ after: 0, upTo: 4, total: 4 });
  });
});

interface Shop extends AsyncDisposable {
  readonly orders: { id: number; at: number }[];
  /** Ranges that the job asked for. */
  readonly asked: string[];
  run(): Promise<RunSummary>;
}

/** A shop's API, and a job in a file that reads it; with `failOnce` an order comes after the first publish, which then fails. */
async function openShop(isolation: string, fixEnd: string, failure?: "failOnce"): Promise<Shop> {
  const cleanup = new AsyncDisposableStack();
  const shop = { orders: [...orders], asked: [] as string[], failures: failure === undefined ? 0 : 1 };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://shop");
    response.setHeader("connection", "close");
    response.end(JSON.stringify(answer(pathname, searchParams)));
  });
  const answer = (pathname: string, query: URLSearchParams): unknown => {
    if (pathname === "/newest") return shop.orders.at(-1)?.at;
    if (pathname === "/failure") {
      if (shop.failures === 0) return false;
      shop.failures -= 1;
      shop.orders.push({ id: 4, at: 4 });
      return true;
    }
    const [after, upTo] = [Number(query.get("after")), Number(query.get("upTo"))];
    shop.asked.push(`${after}-${upTo}`);
    return shop.orders.filter(({ at }) => at > after && at <= upTo);
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanup.defer(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const root = await makeProjectFolder();
  cleanup.defer(() => rm(root, { recursive: true }));
  const fixture = cleanup.use(await createWorkerFixture());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const file = join(root, "jobs", "orders.ts");
  const job = await writeOrdersJob(root, file, { isolation, fixEnd, url });
  const entry = new URL("../../../src/app/isolate.ts", import.meta.url);
  await fixture.startWorker([job], { entry, locate: () => ({ file, root }), windDownMs: 2_000 });
  return {
    orders: shop.orders,
    asked: shop.asked,
    run: async () => await fixture.waitFor(await fixture.submit(job)),
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  };
}

async function writeOrdersJob(
  root: string,
  file: string,
  { isolation, fixEnd, url }: Readonly<Record<"isolation" | "fixEnd" | "url", string>>,
): Promise<Job> {
  await mkdir(join(root, "jobs"));
  await writeFile(join(root, "millrace.config.ts"), `export default {};`);
  await writeFile(
    file,
    `import { writeFile } from "node:fs/promises";
     import { defineJob, MillraceError } from "millrace";
     const ask = async (path) => await (await fetch("${url}" + path)).json();
     export default defineJob({
       name: "orders", isolation: "${isolation}", retry: { maxRetries: 1, baseDelay: "1ms", jitter: false },
       async execute(ctx) {
         const watermark = ctx.watermark();
         const after = (await watermark.load()) ?? 0;
         const newest = await ask("/newest");
         ${fixEnd}
         const page = await ask(\`/orders?after=\${after}&upTo=\${upTo}\`);
         await writeFile(ctx.path("orders.json"), JSON.stringify(page));
         const output = { dataset: "orders", mode: "merge", key: ["id"] };
         await ctx.data.publish({ source: { file: { path: "orders.json" } }, output });
         if (await ask("/failure")) throw new MillraceError("JOB_FAILED_TRANSIENT", "the worker fell over");
         await watermark.advance(upTo);
         const [{ total }] = await ctx.sql("select count(*)::int as total from orders", ["orders"]);
         return { after, upTo, total };
       },
     });`,
  );
  const job = (await importModule(file, root))["default"];
  if (!isJob(job)) throw new Error("the file defines a job");
  return job;
}

async function rewind(fixture: WorkerFixture, job: string, seenVersion: number, value: number): Promise<void> {
  await fixture.store.setWatermark({ ...keyOf(job), seenVersion, value, by: "ann", reason: "read again" });
}

function keyOf(job: string): { job: string; tenant: string; name: string } {
  return { job, tenant: "default", name: "default" };
}

// Inside the repository, where the test runner finds the package by its name.
async function makeProjectFolder(): Promise<string> {
  const parent = join(import.meta.dirname, "../../../.cache/isolated");
  await mkdir(parent, { recursive: true });
  return await mkdtemp(join(parent, "run-"));
}
