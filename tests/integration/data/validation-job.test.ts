// Validations: rows that came against what another dataset says there should be.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Job } from "../../../src/core/job/job.ts";
import type { Check } from "../../../src/core/dataset/check.ts";
import { integrationJob } from "../../../src/data/jobs/integration-job.ts";
import { sqlJob } from "../../../src/data/jobs/sql-job.ts";
import { createTestProject, type TestProject, type TestRun } from "../../../src/testing.ts";
import { expectThrown } from "../../support/expect-thrown.ts";

let project: TestProject;
beforeEach(async () => {
  project = await createTestProject();
});
afterEach(() => project[Symbol.asyncDispose]());

const errorRate = { errorColumn: "error", criteria: "fail", threshold: 10 } as const;

function define(checks: readonly Check[] = [{ compare: errorRate }]): Job {
  return integrationJob({
    name: "upload_validation",
    purpose: "validation",
    inputs: { sent: { dataset: "prepared", role: "validation" } },
    source: { dataset: "answers" },
    checks,
    output: { dataset: "upload_validation" },
  });
}

async function validate(errors: number, sent = 1203): Promise<TestRun> {
  const answers = Array.from({ length: sent }, (_, id) => ({ id, error: id < errors ? "INVALID" : null }));
  const columns = { id: "BIGINT", error: "VARCHAR" };
  const prepared = Array.from({ length: sent }, (_, id) => ({ id }));
  return await project.run(define(), {
    inputs: { prepared, answers: { rows: answers, columns } },
    onFailure: "return",
  });
}

test("a rate of errors below the threshold passes, and nothing is published at it or above", async () => {
  expect((await validate(120)).error).toBeUndefined();
  const failing = await validate(121);
  expect(failing.error).toMatchObject({ code: "CHECKS_FAILED" });
  expect(failing.checks["upload_validation"]).toMatchObject([
    {
      passed: false,
      failingRows: 121,
      detail: "expected less than 10 % of 1203 rows of `prepared`, got 121 (10.06 %)",
    },
  ]);
  const rows = await project.query("select count(error) as n from upload_validation", ["upload_validation"]);
  expect(rows).toEqual([{ n: 120n }]);
});

test("no answer at all is judged, and is the success of a rate of errors", async () => {
  const inputs = { prepared: [{ id: 1 }], answers: { rows: [], columns: { id: "BIGINT", error: "VARCHAR" } } };
  expect((await project.run(define(), { inputs, onFailure: "return" })).error).toBeUndefined();
  const all = define([{ compare: { base: "sent", criteria: "success", threshold: 100 } }]);
  expect((await project.run(all, { inputs, onFailure: "return" })).error).toMatchObject({ code: "CHECKS_FAILED" });
});

test("a base without a row, and more answers than were sent, publish nothing", async () => {
  for (const [sent, answered] of [
    [0, 0],
    [2, 3],
  ] as const) {
    const ids = (count: number): { id: number }[] => Array.from({ length: count }, (_, id) => ({ id }));
    const columns = { id: "BIGINT" };
    const { error, output } = await project.run(
      define([{ compare: { base: "sent", criteria: "success", threshold: 10 } }]),
      {
        inputs: { prepared: { rows: ids(sent), columns }, answers: { rows: ids(answered), columns } },
        onFailure: "return",
      },
    );
    expect(error).toMatchObject({ code: "CHECKS_FAILED" });
    expect(output["upload_validation"]).toBeUndefined();
  }
});

test("a validation without a base or without a comparison is refused, and so is a comparison with nothing", () => {
  const source = { dataset: "answers" };
  const output = { dataset: "x" };
  const validation = { name: "x", purpose: "validation", source, output } as const;
  expectThrown(() => define([]), "JOB_INVALID");
  expectThrown(() => integrationJob({ ...validation, checks: [{ compare: errorRate }] }), "JOB_INVALID");
  expectThrown(
    () => sqlJob({ name: "x", inputs: [], sql: "select 1", checks: [{ compare: errorRate }], output }),
    "JOB_INVALID",
  );
});

test("an egression that sends nothing is refused, and an authentication publishes exactly one row", async () => {
  const output = { dataset: "x" };
  expectThrown(
    () => integrationJob({ name: "x", purpose: "egression", source: { dataset: "y" }, output }),
    "JOB_INVALID",
  );
  const token = integrationJob({ name: "x", purpose: "authentication", source: { dataset: "tokens" }, output });
  const two = await project.run(token, { inputs: { tokens: [{ t: "a" }, { t: "b" }] }, onFailure: "return" });
  expect(two.error).toMatchObject({ code: "CHECKS_FAILED" });
  const none = { rows: [], columns: { t: "VARCHAR" } };
  const empty = await project.run(token, { inputs: { tokens: none }, onFailure: "return" });
  expect(empty.error).toMatchObject({ code: "SOURCE_EMPTY" });
  expect((await project.run(token, { inputs: { tokens: [{ t: "a" }] } })).error).toBeUndefined();
});
