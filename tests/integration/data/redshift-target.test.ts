// A table in Redshift, as an emulation has it: published in one transaction, once, whatever happens to the publisher.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { askVersion } from "../../../src/connections/ask-version.ts";
import type { DatasetOutput, DatasetTargets, WriteMode } from "../../../src/core/dataset/dataset.ts";
import { deleteTables } from "../../../src/data/datasets/delete-tables.ts";
import { findDamage } from "../../../src/data/datasets/find-damage.ts";
import { findLeftovers, recoverStaging } from "../../../src/data/publish/recover-staging.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { crashRequest, rowsBefore, rowsOfRun } from "../../support/data/publish-and-die.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { s3Keys } from "../../support/files/s3-server.ts";
import { LoadFailure } from "../../support/redshift/copy.ts";
import { RedshiftRefusal } from "../../support/redshift/dialect.ts";
import { lendRedshift, redshiftName } from "../../support/redshift/redshift-warehouse.ts";

const redshift = lendRedshift();
let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
  await redshift.database.query("drop schema public cascade; create schema public");
  redshift.server.statements.length = 0;
  redshift.server.trouble = () => undefined;
});
afterEach(() => project[Symbol.asyncDispose]());

const staging = { connection: "lake" };
const targets: DatasetTargets = { redshift: { url: redshiftName, staging } };

function output(mode: WriteMode, more: Partial<DatasetOutput> = {}): DatasetOutput {
  return { dataset: "t", mode, ...targets, ...more };
}

async function names(): Promise<unknown> {
  return (await redshift.database.query("select name from t order by name")).map(({ name }) => name);
}

const conflict = (): RedshiftRefusal => new RedshiftRefusal("XX000", "1023");

test("a transaction that the server ends for another one is tried again, and its rows are in once", async () => {
  await project.publish({ sql: rowsBefore, output: output("append") });
  let left = 2;
  redshift.server.trouble = (statement) => (statement === "COMMIT" && left-- > 0 ? conflict() : undefined);
  await project.publish({ sql: rowsOfRun, output: output("append") });
  expect(await names()).toEqual(["drei", "one", "two", "zwei", null]);
  expect(redshift.server.statements.filter((statement) => statement === "ROLLBACK")).toHaveLength(2);
  expect(redshift.server.statements.filter((statement) => statement.startsWith("COPY"))).toHaveLength(2);
});

test("a table that is always written to by others leaves the run to be tried again later", async () => {
  await project.publish({ sql: rowsBefore, output: output("append") });
  redshift.server.trouble = (statement) => (statement === "COMMIT" ? conflict() : undefined);
  const error = await expectFailure(project.publish({ sql: rowsOfRun, output: output("append") }));
  expect(error).toMatchObject({ code: "TARGET_CONFLICT", disposition: "retry" });
  expect(await names()).toEqual(["one", "two"]);
  expect([...redshift.bucket.objects.keys()]).toEqual([]);
});

test("a cluster that may not read the bucket is told by name, and no key is", async () => {
  const role = "arn:aws:iam::123456789012:role/stranger";
  const other: DatasetTargets = { redshift: { url: redshiftName, staging, iamRole: role } };
  const error = await expectFailure(project.publish({ sql: rowsBefore, output: { dataset: "t", ...other } }));
  expect(error).toMatchObject({ code: "PERMISSION_DENIED", message: expect.stringContaining("Redshift at") });
  expect([...redshift.bucket.objects.keys()]).toEqual([]);
  redshift.server.trouble = (statement) =>
    statement.startsWith("COPY") ? new RedshiftRefusal("42601", `syntax error in: ${statement}`) : undefined;
  const syntax = await expectFailure(project.publish({ sql: rowsBefore, output: output("replace") }));
  expect(`${syntax.message} ${syntax.hint}`).not.toContain(s3Keys.secretAccessKey);
});

test("a column that the cluster could not load is named, and no value is", async () => {
  redshift.server.trouble = (statement) =>
    statement.startsWith("COPY") ? new LoadFailure("c1", "int4", "binary (UTF8)") : undefined;
  const error = await expectFailure(project.publish({ sql: rowsBefore, output: output("replace") }));
  expect(error).toMatchObject({
    code: "REQUEST_REJECTED",
    message: "Redshift could not load column `name` of type `int4`, error code: `15001`",
  });
});

test("a text that has more bytes than its column has room for is refused by the column, before the table changes", async () => {
  await redshift.database.query("create table t (id int, name varchar(3)); insert into t values (0, 'abc')");
  const error = await expectFailure(
    project.publish({ sql: "select 1 as id, 'äö' as name", output: output("replace") }),
  );
  expect(error).toMatchObject({
    code: "TARGET_VALUE_UNSUPPORTED",
    message: "column `name` has room for texts of 3 bytes, got: 4 bytes",
  });
  expect(await names()).toEqual(["abc"]);
  await project.publish({ sql: "select 1 as id, 'ä' as name", output: output("replace") });
  expect(await names()).toEqual(["ä"]);
});

test.each([
  ["a NUL character in a text", "'a' || chr(0)"],
  ["a text of more than 65535 bytes", "repeat('ä', 33000)"],
  ["an infinite date", "date 'infinity'"],
  ["a year outside 1 to 9999", "timestamp '0001-01-01 00:00:00' - interval 1 day"],
  ["the time 24:00", "time '24:00:00'"],
  ["a number within JSON of more digits", "[12345678901234567.89::decimal(20,2)]"],
  ["a number within JSON of more digits", `'{"a": 12345678901234567890}'::json`],
])("%s is refused before anything is published: %s", async (what, value) => {
  const error = await expectFailure(project.publish({ sql: `select ${value} as c`, output: output("replace") }));
  expect(error).toMatchObject({ code: "TARGET_VALUE_UNSUPPORTED", message: expect.stringContaining(what) });
  expect(redshift.server.statements.filter((statement) => !statement.startsWith("SELECT"))).toEqual([]);
});

test("numbers within JSON that SUPER keeps are no reason to refuse a row", async () => {
  const sql = `select [0.1::double + 0.2, 1e300] as doubles, [9007199254740993] as whole, '{"12345678901234567890": "1234567890123456789.5"}'::json as texts`;
  await project.publish({ sql, output: output("replace") });
  expect(await redshift.database.query("select whole, texts from t")).toEqual([
    { whole: "[9007199254740993]", texts: '{"12345678901234567890": "1234567890123456789.5"}' },
  ]);
});

test("texts and names with quotes and backslashes are what they are", async () => {
  const table = String.raw`o'\x`;
  const odd: DatasetTargets = { redshift: { url: redshiftName, table, staging } };
  const sql = String.raw`select 'a\b''c"d' as "q""\'", '' as "empty", null::varchar as nothing, '\N' as mark`;
  for (const mode of ["append", "append", "replace"] as const) {
    await project.publish({ sql, output: { dataset: "t", mode, ...odd } });
  }
  expect(await project.rows("t")).toEqual([
    { [String.raw`q"\'`]: String.raw`a\b'c"d`, empty: "", nothing: null, mark: String.raw`\N` },
  ]);
});

test("a database of another kind is told, and not written to", async () => {
  const other: DatasetOutput = { dataset: "t", postgres: { url: redshiftName } };
  expect(await expectFailure(project.publish({ sql: rowsBefore, output: other }))).toMatchObject({
    code: "CONFIG_INVALID",
    message: `expected Postgres at \`${redshiftName}\`, got: Redshift`,
    hint: expect.stringContaining("target `redshift`"),
  });
  const { url } = redshift.database;
  const postgres: DatasetTargets = { redshift: { url, staging } };
  expect(
    await expectFailure(project.publish({ sql: rowsBefore, output: { dataset: "t", ...postgres } })),
  ).toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining("got: Postgres"),
  });
  expect(await askVersion("postgres", redshiftName)).toBe("Redshift");
});

test.each([
  [{ distKey: "id" }, "distKey"],
  [{ distStyle: "key" }, "distKey"],
  [{ iamRole: "reader" }, "the ARN of a role"],
  [{ url: "postgresql://me:s3cr3t-pass@localhost/db" }, "an address without a password"],
  [{ table: "_millrace_x" }, "a name that does not start with"],
  [{ textBytes: 70_000 }, "textBytes"],
])("the options %j are refused", async (more, expected) => {
  const wrong = { redshift: { url: redshiftName, staging, ...more } } as DatasetTargets;
  const error = await expectFailure(project.publish({ sql: "select 1 as id", output: { dataset: "t", ...wrong } }));
  expect(error).toMatchObject({ code: "JOB_INVALID", message: expect.stringContaining(expected) });
  expect(error.message).not.toContain("s3cr3t-pass");
});

test("a view is not written to", async () => {
  await redshift.database.query("create view t as select 1 as id");
  const error = await expectFailure(project.publish({ sql: "select 1 as id", output: output("replace") }));
  expect(error.code).toBe("TARGET_UNREADABLE");
});

test("a dataset that is reset is gone with what was remembered, and other tables stay", async () => {
  const { dataset } = await project.publish({ sql: rowsBefore, output: output("append") });
  await project.publish({ sql: rowsBefore, output: { ...output("append"), dataset: "other" } });
  expect(await findDamage(project.engine, [dataset])).toEqual([]);
  await deleteTables({ engine: project.engine, root: project.root, datasets: ["t"], tables: dataset.locations });
  expect(await redshift.database.query("select to_regclass('t') as t, (select count(*)::int from other) as n")).toEqual(
    [{ t: null, n: 2 }],
  );
  expect(await redshift.database.query("select dataset from _millrace_publication")).toEqual([{ dataset: "other" }]);
});

test("runs that publish for the first time at once all get in", async () => {
  await Promise.all(
    [1, 2, 3].map((id) => project.publish({ sql: `select ${id} as id`, output: output("append") }, { runId: 10 + id })),
  );
  expect(await redshift.database.query("select id from t order by id")).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
});

const after = {
  replace: ["drei", "zwei"],
  append: ["drei", "one", "two", "zwei"],
  merge: ["drei", "one", "zwei"],
  insert_only: ["drei", "one", "two"],
} as const satisfies Partial<Record<WriteMode, readonly string[]>>;

const nobody = { isLive: () => Promise.resolve(false) };

describe("killed while it publishes", () => {
  test.each([
    ["replace", "redshift:staged"],
    ["replace", "redshift:written"],
    ["append", "redshift:loaded"],
    ["append", "redshift:committed"],
    ["merge", "redshift:written"],
    ["merge", "redshift:committed"],
    ["insert_only", "redshift:written"],
  ] as const)("by %s at %s, the rows are in once and nothing is left in the bucket", async (mode, moment) => {
    await project.publish(crashRequest(mode, rowsBefore, targets), { runId: 1 });
    await publishAndDie(mode, moment);
    expect(await names()).toEqual(moment.includes("committed") ? after[mode] : ["one", "two"]);
    const left = [...redshift.bucket.objects.keys()];
    expect(left).toHaveLength(2);
    expect((await findLeftovers({ staging: project.staging, ...nobody })).join("\n")).toContain(`s3://lake/${left[0]}`);
    await recoverStaging({ staging: project.staging, ...nobody });
    expect([...redshift.bucket.objects.keys()]).toEqual([]);
    await project.publish(crashRequest(mode, rowsOfRun, targets), { runId: 2, epoch: 2 });
    expect(await names()).toEqual(after[mode]);
    expect(project.versions("t")).toHaveLength(2);
  });
});

async function publishAndDie(mode: WriteMode, moment: string): Promise<void> {
  const script = fileURLToPath(new URL("../../support/data/publish-and-die.ts", import.meta.url));
  const args = [script, project.root, mode, moment, "1", JSON.stringify(targets)];
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    stdio: "inherit",
    env: { ...process.env, TEST_REDSHIFT_URL: redshift.server.url, TEST_BUCKET_ENDPOINT: redshift.bucket.endpoint },
  });
  await once(child, "close");
  expect(child.signalCode).toBe("SIGKILL");
}
