// Earlier versions of a dataset, as a source.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DatasetOutput } from "../../../src/core/dataset/dataset.ts";
import { integrationJob } from "../../../src/data/jobs/integration-job.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";

let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(() => project[Symbol.asyncDispose]());

async function publishTwice(output: Partial<DatasetOutput>): Promise<void> {
  for (const id of [1, 2]) await project.publish({ sql: `select ${id} as id`, output: { dataset: "t", ...output } });
}

test("a Delta table shows what it was", async () => {
  await publishTwice({});
  await project.publish({ source: { dataset: "t", version: 1 }, output: { dataset: "before" } });
  await project.publish({ source: { dataset: "t", version: 2 }, output: { dataset: "now" } });
  expect([await project.rows("before"), await project.rows("now")]).toEqual([[{ id: 1 }], [{ id: 2 }]]);
});

test("a version that never was, or that its target does not keep, is refused with the way out", async () => {
  await publishTwice({ parquet: { path: "out/t.parquet" } });
  const read = (version: number): Promise<unknown> =>
    project.publish({ source: { dataset: "t", version }, output: { dataset: "copy" } });
  expect(await expectFailure(read(9))).toMatchObject({
    code: "DATASET_UNKNOWN",
    message: "dataset `t` has no version `9`",
    hint: "its latest version is 2",
  });
  expect(await expectFailure(read(1))).toMatchObject({
    code: "VALUE_INVALID",
    message: "version 1 of dataset `t` is gone: its target keeps the latest only",
  });
  await read(2);
});

test("an impossible version is refused where it is defined", () => {
  const define = (version: number): unknown =>
    integrationJob({ name: "j", source: { dataset: "t", version }, output: { dataset: "copy" } });
  expect(() => define(0)).toThrowError("expected `version` of `source` of job `j` to be a positive integer, got: `0`");
});
