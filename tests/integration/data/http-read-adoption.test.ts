// A run whose last attempt ends between its publication and its watermarks has published rows that nobody knows to be read. The run after
// it goes on behind them, and no row is there twice.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Job } from "../../../src/core/job/job.ts";
import type { JobContext } from "../../../src/core/job/job-context.ts";
import { integrationJob } from "../../../src/data/jobs/integration-job.ts";
import type { UnitOptions } from "../../../src/data/units/unit-options.ts";
import { createTestProject, type TestProject } from "../../../src/testing.ts";
import { PageServer } from "../../support/data/page-server.ts";

interface Scene extends AsyncDisposable {
  readonly project: TestProject;
  readonly server: PageServer;
  readonly rows: { shop: string; n: number }[];
  readonly job: Job;
}

const watermarks: Readonly<Record<string, UnitOptions["watermark"] & object>> = {
  cursor: { kind: "cursor", field: "n" },
  units: { kind: "units" },
  time: { kind: "time", from: "2026-01-01", to: "2026-01-04", format: "date" },
};

async function givenSales(kind: string, targets: object = {}): Promise<Scene> {
  const rows = [
    { shop: "a", n: 1 },
    { shop: "b", n: 2 },
  ];
  const server = await PageServer.start(({ query }) => ({
    body: rows.filter(({ shop, n }) => shop === query.get("shop") && n >= Number(query.get("since") ?? 0)),
  }));
  const since = kind === "cursor" ? { since: "{{watermark?}}" } : {};
  const project = await createTestProject();
  return {
    rows,
    server,
    project,
    job: integrationJob({
      name: "sales",
      inputs: { shop: { role: "activation", values: ["a", "b"] } },
      watermark: watermarks[kind] ?? { kind: "units" },
      source: { http: { url: server.url("/sales"), query: { shop: "{{shop.value}}", ...since } } },
      output: { dataset: "sales", mode: "append", ...targets },
      retry: { maxRetries: 0 },
    }),
    async [Symbol.asyncDispose]() {
      await project[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** The job, whose attempts end where `at` is called. */
function dying(job: Job, at: "advance" | "saveRead"): Job {
  const die = (): Promise<never> => Promise.reject(new Error("the process has died"));
  const get = (ctx: JobContext, name: string | symbol): unknown =>
    name === "units" ? { ...ctx.units, [at]: die } : Reflect.get(ctx, name, ctx);
  return { ...job, execute: (ctx) => job.execute(new Proxy(ctx, { get })) };
}

async function numbersOf({ project }: Scene): Promise<number[]> {
  return (await project.query("select n from sales order by n", ["sales"])).map(({ n }) => Number(n));
}

test.each(Object.keys(watermarks))(
  "rows that were published and not noted are not appended again: %s",
  async (kind) => {
    await using scene = await givenSales(kind);
    const { project, server, rows, job } = scene;
    expect((await project.run(dying(job, "advance"), { onFailure: "return" })).state).toBe("ERROR");
    expect(await numbersOf(scene)).toEqual([1, 2]);
    rows.push({ shop: "b", n: 3 });
    const before = server.requests.length;
    const next = await project.run(job);
    const message =
      "run `r1` had published its rows and ended before that was noted; they count as read, and are not read again";
    expect(next.logs.map(({ message: line }) => line)).toContain(message);
    expect(server.requests.length - before).toBe(kind === "cursor" ? 2 : 0);
    // what is read once was read before the late row came
    expect(await numbersOf(scene)).toEqual(kind === "cursor" ? [1, 2, 3] : [1, 2]);
    await project.run(job);
    expect(await numbersOf(scene)).toEqual(kind === "cursor" ? [1, 2, 3] : [1, 2]);
  },
);

test("rows that were not published are read by the next run, whatever the one before it had read", async () => {
  await using scene = await givenSales("units");
  const { project, job } = scene;
  expect((await project.run(dying(job, "saveRead"), { onFailure: "return" })).state).toBe("ERROR");
  await project.run(job);
  expect(await numbersOf(scene)).toEqual([1, 2]);
});

test("what a person has decided since stays: a watermark that was moved is read from there", async () => {
  await using scene = await givenSales("cursor");
  const { project, job } = scene;
  expect((await project.run(dying(job, "advance"), { onFailure: "return" })).state).toBe("ERROR");
  await project.run(job, { watermarks: { "unit a": 0 } });
  expect(await numbersOf(scene)).toEqual([1, 1, 2, 2]);
});

test("a table that was removed since has none of the rows, and they are read again", async () => {
  await using scene = await givenSales("units", { sqlite: { path: "sales.sqlite", table: "sales" } });
  const { project, job } = scene;
  expect((await project.run(dying(job, "advance"), { onFailure: "return" })).state).toBe("ERROR");
  await rm(join(project.root, "sales.sqlite"));
  await project.run(job);
  expect(await numbersOf(scene)).toEqual([1, 2]);
});
