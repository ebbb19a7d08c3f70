// Jobs that read what changed in a dataset: each run reads the versions since the last one, once.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Source } from "../../../src/core/dataset/source.ts";
import { integrationJob } from "../../../src/data/jobs/integration-job.ts";
import { createSmallProject } from "../../support/cli/small-project.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { expectThrown } from "../../support/expect-thrown.ts";

let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(() => project[Symbol.asyncDispose]());

test("code reads the changes since a version or an instant", async () => {
  for (const id of [1, 2, 3]) {
    await project.publish({ sql: `select ${id} as id`, output: { dataset: "t", mode: "append" } });
  }
  const follow = async (since: number | string): Promise<number> => {
    const source = { dataset: "t", cdf: { since } };
    return (await project.publish({ source, output: { dataset: `since_${Math.random().toString(36).slice(2)}` } }))
      .rows;
  };
  expect(await follow(1)).toBe(2);
  expect(await follow("1970-01-01T00:00:00Z")).toBe(3);
  expect(await follow(new Date(Date.now() + 60_000).toISOString())).toBe(0);
});

test("a dataset that does not know its changes is refused", async () => {
  await project.publish({ sql: "select 1 as id", output: { dataset: "t", parquet: { path: "out/t.parquet" } } });
  const following = project.publish({ source: { dataset: "t", cdf: {} }, output: { dataset: "u" } });
  expect(await expectFailure(following)).toMatchObject({ code: "TARGET_UNSUPPORTED" });
});

const files = {
  "jobs/ingest.ts": `import { integrationJob } from "millrace";
export default integrationJob({
  name: "ingest",
  source: { file: { path: "in.csv" } },
  output: { dataset: "people", mode: "merge", key: ["id"] },
});
`,
  "jobs/follow.ts": `import { integrationJob } from "millrace";
export default integrationJob({
  name: "follow",
  source: { dataset: "people", cdf: { since: 0 } },
  output: { dataset: "changes", mode: "append" },
});
`,
  "in.csv": "id,name\n1,a\n2,b\n",
};

test("each run of a job reads the versions since its last run, and a rewound watermark reads them again", async () => {
  await using small = await createSmallProject(files);
  const follow = async (): Promise<unknown> => {
    const { stdout } = await small.run("run", "follow", "--json");
    const { state, result } = JSON.parse(stdout) as { state: string; result: { rows: number; rowCount: number } };
    return [state, result.rows, result.rowCount];
  };
  await small.run("run", "ingest");
  expect(await follow()).toEqual(["FINISHED", 2, 2]);
  expect(await follow()).toEqual(["FINISHED", 0, 2]);
  await small.write("in.csv", "id,name\n2,c\n3,d\n");
  await small.run("run", "ingest");
  await small.write("in.csv", "id,name\n4,e\n");
  await small.run("run", "ingest");
  expect(await follow()).toEqual(["FINISHED", 4, 6]);
  await small.run("datasets", "optimize", "people");
  expect(await follow()).toEqual(["FINISHED", 0, 6]);
  const state = await small.run("state", "show", "follow", "--json");
  expect(state.stdout).toMatch(/"value":\s*2/);
  await small.run("state", "rewind", "follow", "--to", "1", "--reason", "again");
  expect(await follow()).toEqual(["FINISHED", 1, 7]);
  const { stdout } = await small.run(
    "datasets",
    "query",
    "select _change_type, count(*)::int as n from changes group by all order by 1",
    "--json",
  );
  expect(stdout.replaceAll(/\s/g, "")).toContain('{"_change_type":"delete","n":1},{"_change_type":"insert","n":6}');
});

test.each([
  [{ since: "yesterday" }, {}, "`since` of `source.cdf`"],
  [{ since: -1 }, {}, "`since` of `source.cdf`"],
  [{ from: 1 }, {}, "`from` of `source.cdf`"],
  [{}, { version: 2 }, "`version` of `source`"],
])("%j with %j is refused at %s when the job is defined", (cdf, more, where) => {
  const source = { dataset: "people", cdf, ...more } as Source;
  const error = expectThrown(
    () => integrationJob({ name: "follow", source, output: { dataset: "changes" } }),
    "JOB_INVALID",
  );
  expect(error.message).toContain(where);
});
