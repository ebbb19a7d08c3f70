// What jobs collect, in one answer: coverage, freshness, kept answers and connections, over a real store and a real worker.
import { expect, test } from "vitest";
import { defineJob } from "../../../src/core/job/job.ts";
import { partial } from "../../../src/core/job/outcome.ts";
import { JobPipeline } from "../../../src/core/job/pipeline.ts";
import { createRestFixture } from "../../support/server/rest-fixture.ts";

const from = "2026-11-01T00:00:00.000Z";
const [near, far] = ["2026-11-14T00:00:00.000Z", "2026-11-21T00:00:00.000Z"];

/** As a job does that reads repositories, one of which it could not. */
const pulls = defineJob({
  name: "pulls",
  connections: ["github"],
  async execute(ctx) {
    await ctx.watermark(`unit acme/web ${from}`).advance(far);
    await ctx.watermark(`unit acme/api ${from}`).advance(near);
    return partial({ rows: 2 }, ["acme/api: the service answered with status 500"]);
  },
});
const issues = defineJob({ name: "issues", connections: ["jira"], execute: () => 1 });
const report = defineJob({ name: "report", execute: () => 1 });
const archive = defineJob({ name: "archive", execute: async (ctx) => await ctx.watermark().advance(7) });

test("jobs that collect are listed with coverage, freshness and connections; others are not", async () => {
  const pipeline = new JobPipeline("github_job").addJob(pulls);
  await using fixture = await createRestFixture([pulls, issues, report, archive, pipeline]);
  await fixture.startWorker([pulls, archive, report]);
  for (const job of [pulls, archive, report]) await fixture.waitFor(await fixture.submit(job));
  const { items, connections, truncated } = await fixture.call("listCollection");
  expect(items.map(({ job_name }) => job_name)).toEqual(["archive", "issues", "pulls"]);
  expect(items[2]).toMatchObject({
    pipelines: ["github_job"],
    connections: ["github"],
    state: "FINISHED",
    reason: "partial",
    last_run_id: "r1",
    coverage: { units: 2, failed: 0, behind: 1, read_to: near, furthest: far },
    stale_since: null,
  });
  expect(items[2]?.fresh_at).toBe(items[2]?.last_run_at);
  expect(Date.parse(items[2]?.last_read_at ?? "")).toBeGreaterThan(Date.now() - 60_000);
  expect(items[1]).toMatchObject({ state: "NOT_STARTED", last_run_id: null, fresh_at: null, last_read_at: null });
  expect(items[1]?.coverage).toMatchObject({ units: 0, behind: 0 });
  expect(items[0]).toMatchObject({ connections: [], coverage: { units: 1, behind: 0, read_to: null } });
  expect(connections.map(({ connection }) => connection)).toEqual(["github", "jira"]);
  expect(truncated).toBe(false);
});

test("of more than 200 jobs that collect the first are listed, and it says that there are more", async () => {
  const many = Array.from({ length: 201 }, (_, index) =>
    defineJob({ name: `job_${1_000 + index}`, connections: ["github"], execute: () => 1 }),
  );
  await using fixture = await createRestFixture(many);
  const { items, truncated } = await fixture.call("listCollection");
  expect([items.length, items.at(-1)?.job_name, truncated]).toEqual([200, "job_1199", true]);
});
