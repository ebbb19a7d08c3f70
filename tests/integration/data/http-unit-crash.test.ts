// What was published stays: a later attempt of the run reads the same units again, and nothing is there twice or left out.
import { expect, test } from "vitest";
import type { Job } from "../../../src/core/job/job.ts";
import type { JobContext } from "../../../src/core/job/job-context.ts";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import { integrationJob } from "../../../src/data/jobs/integration-job.ts";
import type { UnitOptions } from "../../../src/data/units/unit-options.ts";
import { createTestProject } from "../../../src/testing.ts";
import { PageServer } from "../../support/data/page-server.ts";

/** The job, whose first attempt ends between its publication and its watermarks. */
function interrupted(job: Job, meanwhile: () => void): Job {
  let hasEnded = false;
  const advance =
    (ctx: JobContext): JobContext["units"]["advance"] =>
    async (ends) => {
      if (hasEnded) return await ctx.units.advance(ends);
      hasEnded = true;
      meanwhile();
      throw new MillraceError("SERVICE_UNAVAILABLE", "the process has died");
    };
  const get = (ctx: JobContext, name: string | symbol): unknown =>
    name === "units" ? { ...ctx.units, advance: advance(ctx) } : Reflect.get(ctx, name, ctx);
  return { ...job, execute: (ctx) => job.execute(new Proxy(ctx, { get })) };
}

const watermarks: Readonly<Record<string, UnitOptions["watermark"] & object>> = {
  cursor: { kind: "cursor", field: "n" },
  units: { kind: "units" },
};

test.each([
  ["cursor", "append"],
  ["cursor", "merge"],
  ["units", "append"],
  ["units", "merge"],
] as const)("an attempt that has published and died is gone on with, by %s and with %s", async (kind, mode) => {
  const rows = [
    { shop: "a", n: 1 },
    { shop: "b", n: 2 },
    { shop: "c", n: 3 },
  ];
  let isDown = true;
  await using server = await PageServer.start(({ query }) => {
    const shop = query.get("shop");
    if (isDown && shop === "c") return { status: 400 };
    return { body: rows.filter((row) => row.shop === shop && row.n >= Number(query.get("since") ?? 0)) };
  });
  await using project = await createTestProject();
  const query = { shop: "{{shop.value}}", ...(kind === "cursor" ? { since: "{{watermark?}}" } : {}) };
  const job = integrationJob({
    name: "sales",
    inputs: { shop: { role: "activation", values: ["a", "b", "c"] } },
    watermark: watermarks[kind] ?? { kind: "units" },
    source: { http: { url: server.url("/sales"), query, retry: { attempts: 1 } } },
    output: mode === "merge" ? { dataset: "sales", mode, key: ["n"] } : { dataset: "sales", mode },
    retry: { maxRetries: 2, baseDelay: "1s" },
  });
  const first = await project.run(
    interrupted(job, () => rows.push({ shop: "a", n: 4 })),
    { onFailure: "return" },
  );
  expect([first.state, first.attempts.length]).toEqual(["FINISHED", 2]);
  isDown = false;
  await project.run(job);
  await project.run(job);
  const found = await project.query("select n from sales order by n", ["sales"]);
  // a unit that is read once was read before the late row came
  const late = kind === "cursor" ? [4] : [];
  expect(found.map(({ n }) => Number(n))).toEqual([1, 2, 3, ...late]);
});
