// A quarantine keeps rows from delivery to delivery, and tells about them.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Check } from "../../../src/core/dataset/check.ts";
import type { DatasetOutput } from "../../../src/core/dataset/dataset.ts";
import type { PublishResult } from "../../../src/core/job/job-context.ts";
import type { AttemptOptions } from "../../support/data/data-project.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";

let project: DataProject;
let runs: number;
beforeEach(async () => {
  runs = 0;
  project = await DataProject.create();
});
afterEach(() => project[Symbol.asyncDispose]());

const checks: Check[] = [
  { notNull: ["email"], severity: "quarantine" },
  { range: { age: { min: 0 } }, severity: "quarantine" },
];

const outputs: Readonly<Record<string, Omit<DatasetOutput, "dataset">>> = {
  replace: { mode: "replace" },
  append: { mode: "append" },
  merge: { mode: "merge", key: ["id"] },
};

/** Rows as `id email age`, a `-` for NULL. */
function rows(...lines: readonly string[]): string {
  const values = lines.map((line) => {
    const [id, email, age] = line.split(" ").map((word) => (word === "-" ? "null" : `'${word}'`));
    return `(${id}::integer, ${email}::varchar, ${age}::integer)`;
  });
  return `select * from (values ${values.join(", ")}) v(id, email, age)`;
}

function deliver(mode: string, sql: string, options: AttemptOptions = {}): Promise<PublishResult> {
  runs += 1;
  return project.publish({ sql, checks, output: { dataset: "people", ...outputs[mode] } }, { runId: runs, ...options });
}

async function setAside(): Promise<readonly string[]> {
  const found = await project.rows("people_quarantine", "select * from people_quarantine order by id, age");
  return found.map(({ id, age, _quarantine_run: run }) => [id, age, run].map(String).join(" "));
}

test.each([
  ["replace", ["8 3 r3"]],
  ["append", ["2 20 r1", "8 3 r3"]],
  ["merge", ["2 20 r1", "8 3 r3"]],
])("in mode %s the quarantine follows the table", async (mode, kept) => {
  await deliver(mode, rows("1 a@x 30", "2 - 20"));
  expect(await setAside()).toEqual(["2 20 r1"]);
  const second = await deliver(mode, rows("5 e@x 30"));
  expect(second.quarantined).toBe(0);
  expect(await setAside()).toEqual(mode === "replace" ? [] : ["2 20 r1"]);
  await deliver(mode, rows("8 - 3"));
  expect(await setAside()).toEqual(kept);
  expect(project.versions("people_quarantine").at(-1)?.rowCount).toBe(kept.length);
  expect(project.events.findLast(({ type }) => type === "quarantined")?.data).toMatchObject({
    rows: 1,
    unresolved: kept.length,
  });
});

test("a merge resolves a row whose key comes right, and replaces one whose key comes wrong again", async () => {
  await deliver("merge", rows("1 a@x 30", "2 - 20", "3 - 9", "4 - 8"));
  await deliver("merge", rows("2 b@x 20", "3 - 10", "4 - 8"));
  expect(await setAside()).toEqual(["3 10 r2", "4 8 r1"]);
  await deliver("merge", rows("3 c@x 10", "4 d@x 8"));
  expect(await setAside()).toEqual([]);
  expect(await project.rows("people")).toHaveLength(4);
});

test("a merge whose keys are wrong resolves nothing", async () => {
  await deliver("merge", rows("2 - 20"));
  await expectFailure(deliver("merge", rows("2 b@x 20", "5 x@x 1", "5 y@x 2")));
  expect(await setAside()).toEqual(["2 20 r1"]);
});

test.each(["replace", "append", "merge"])(
  "the same delivery again in mode %s sets nothing aside twice",
  async (mode) => {
    const delivery = rows("1 a@x 30", "2 - 20", "2 - 20", "3 - -5");
    await deliver(mode, delivery);
    const before = await setAside();
    await deliver(mode, delivery);
    // an appended table has the good row twice as well
    expect(await setAside()).toHaveLength(mode === "append" ? 6 : 3);
    expect((await setAside()).filter((row) => row.endsWith("r1"))).toEqual(before);
  },
);

const moments = ["delta:intended", "delta:committed", "recorded"].flatMap((moment) =>
  [1, 2].flatMap((nth) => Object.keys(outputs).map((mode): [string, number, string] => [moment, nth, mode])),
);

test.each(moments)(
  "an attempt that died at %s (%d), mode %s, leaves no row twice and none out",
  async (moment, nth, mode) => {
    await deliver(mode, rows("7 - 70"));
    let passed = 0;
    const failpoint = (name: string): void => {
      if (name === moment && (passed += 1) === nth) throw new Error("died");
    };
    await deliver(mode, rows("1 a@x 30", "2 - 20"), { runId: 5, failpoint }).catch(() => undefined);
    await deliver(mode, rows("1 a@x 30", "2 - 20"), { runId: 5, epoch: 2 });
    expect(await setAside()).toEqual(mode === "replace" ? ["2 20 r5"] : ["2 20 r5", "7 70 r1"]);
    expect(await project.rows("people", "select id from people")).toEqual([{ id: 1 }]);
  },
);

test.each([
  ["parquet", "select 1 as id, null::varchar as email", "select null::varchar as email, 3 as id, 7 as more"],
  ["parquet", "select 1 as id, null::varchar as email", "select 3 as id, null::varchar as email"],
])("rows of several %s files tell theirs", async (format, first, second) => {
  await project.writeParquet(`in/a.${format}`, first);
  await project.writeParquet(`in/b.${format}`, second);
  await project.publish({
    source: { file: { path: `in/*.${format}` } },
    checks: checks.slice(0, 1),
    output: { dataset: "people", mode: "append" },
  });
  const found = await project.rows(
    "people_quarantine",
    "select id, _quarantine_file as file from people_quarantine order by id",
  );
  expect(found).toEqual([
    { id: 1, file: `in/a.${format}` },
    { id: 3, file: `in/b.${format}` },
  ]);
});

test("a run that comes after a later one adds what it sets aside", async () => {
  await deliver("merge", rows("1 a@x 30", "2 - 20"), { runId: 9 });
  await deliver("merge", rows("3 - 30"), { runId: 4 });
  expect(await setAside()).toEqual(["2 20 r9", "3 30 r4"]);
});

test.each([
  ["plain", "1"],
  ["long", "12345678901234567.891"],
])("rows of several JSON files with %s numbers tell theirs", async (_kind, number) => {
  await project.write("in/a.json", `[{"id": 1, "n": ${number}}, {"id": 2, "email": "b@x"}]`);
  await project.write("in/b.ndjson", `{"filename": "odd", "id": 3, "n": ${number}}\n`);
  await project.publish({
    source: { file: { path: ["in/a.json", "in/b.ndjson"], format: "json" } },
    checks: checks.slice(0, 1),
    output: { dataset: "people", mode: "append" },
  });
  const sql = "select id, filename, _quarantine_file as file from people_quarantine order by id";
  expect((await project.rows("people_quarantine", sql)).map(({ id, ...row }) => ({ id: Number(id), ...row }))).toEqual([
    { id: 1, filename: null, file: "in/a.json" },
    { id: 3, filename: "odd", file: "in/b.ndjson" },
  ]);
});

test("rows tell the run, the time and the file that they came from", async () => {
  await project.write("in/a.csv", "id,email\n1,\n2,b@x\n");
  await project.write("in/b.csv", "id,email\n3,\n");
  const output: DatasetOutput = { dataset: "people", mode: "append" };
  const [check] = checks as [Check];
  await project.publish({ source: { file: { path: "in/*.csv" } }, checks: [check], output });
  await project.publish({
    source: { file: { path: "in/b.csv" } },
    sql: "select id, lower(email) as email from source",
    checks: [check],
    output,
  });
  await project.publish({
    source: { file: { path: "in/*.csv" } },
    sql: "select max(id) as id, null::varchar as email from source",
    checks: [check],
    output,
  });
  const sql =
    "select id, _reasons, _quarantine_run, _quarantine_at, _quarantine_file from people_quarantine order by 3, 1";
  const at = "2026-01-02 00:00:01+00";
  const found = await project.rows("people_quarantine", sql);
  expect(found.map((row) => [String(row["id"]), row["_quarantine_run"], row["_quarantine_file"]])).toEqual([
    ["1", "r1", "in/a.csv"],
    ["3", "r1", "in/b.csv"],
    ["3", "r2", "in/b.csv"],
    ["3", "r3", null],
  ]);
  expect(found[0]).toMatchObject({ _reasons: ["not_null(email)"] });
  expect(String(found[0]?.["_quarantine_at"])).toContain(at.slice(0, 10));
});

test("a quarantine that an older version made is gone on with", async () => {
  const old = "select 9 as id, null::varchar as email, 1 as age, ['not_null(email)'] as _reasons";
  await project.publish({ sql: old, output: { dataset: "people_quarantine" } });
  runs = 1;
  await deliver("append", rows("2 - 20"));
  await deliver("merge", rows("3 - 30"));
  expect(await setAside()).toEqual(["2 20 r2", "3 30 r3", "9 1 null"]);
  await deliver("merge", rows("9 z@x 1"));
  expect(await setAside()).toEqual(["2 20 r2", "3 30 r3"]);
});

test.each(["append", "merge"])(
  "in mode %s, rows of other types than before are set aside beside them",
  async (mode) => {
    await deliver(mode, rows("2 - 20"));
    await project.publish({
      sql: "select 'x7' as id, null::varchar as email, 20 as age",
      checks,
      output: { dataset: "people", ...outputs[mode], sqlite: { path: "people.sqlite" } },
    });
    expect(await setAside()).toEqual(["2 20 r1", "x7 20 r2"]);
  },
);

test.each(["_reasons", "_quarantine_run", "_Quarantine_File"])("rows with a column %s are refused", async (name) => {
  const error = await expectFailure(deliver("append", `select 1 as id, null as email, 2 as age, 'x' as "${name}"`));
  expect(error).toMatchObject({ code: "SCHEMA_MISMATCH" });
  expect(error.message).toContain(`\`${name}\``);
});
