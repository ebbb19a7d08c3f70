// The contract of a table: what becomes of rows that differ from it, cell by cell, on targets that hold types in different ways.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SchemaRule, SchemaRules } from "../../../src/core/dataset/dataset.ts";
import type { PublishResult } from "../../../src/core/job/job-context.ts";
import { integrationJob } from "../../../src/data/jobs/integration-job.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";

let project: DataProject;
beforeAll(async () => {
  project = await DataProject.create();
});
afterAll(() => project[Symbol.asyncDispose]());

const targets = {
  delta: (dataset: string) => ({ delta: { path: `lake/${dataset}` } }),
  duckdb: (dataset: string) => ({ duckdb: { path: `out/${dataset}.duckdb` } }),
  sqlite: (dataset: string) => ({ sqlite: { path: `out/${dataset}.sqlite` } }),
};

let tables = 0;

/** A table with `id` and `n`, of whole numbers, to which rows are appended. */
class Table {
  readonly dataset = `t${(tables += 1)}`;
  readonly #target: keyof typeof targets;
  readonly #schema: SchemaRules;

  constructor(target: keyof typeof targets, schema: SchemaRules) {
    this.#target = target;
    this.#schema = schema;
  }

  async append(sql: string, schema = this.#schema): Promise<PublishResult> {
    const output = { dataset: this.dataset, mode: "append", schema, ...targets[this.#target](this.dataset) } as const;
    return await project.publish({ sql, output });
  }

  async make(): Promise<this> {
    await this.append("SELECT 1::BIGINT AS id, 10::BIGINT AS n", {});
    return this;
  }

  async rows(): Promise<unknown> {
    return await project.rows(this.dataset, `select * from ${this.dataset} order by id`);
  }

  async aside(): Promise<unknown> {
    return await project.rows(
      `${this.dataset}_quarantine`,
      `select id, n, _reasons, _quarantine_row from ${this.dataset}_quarantine order by id`,
    );
  }

  /** What the history says of the schema. */
  events(): unknown[] {
    return project.events
      .filter(({ type, data }) => type === "schema_changed" && (data as { dataset: string }).dataset === this.dataset)
      .map(({ data }) => data);
  }
}

const first = { id: 1n, n: 10n };
/** The second row has a value in a column that the table has not. */
const wider = "SELECT * FROM (VALUES (2::BIGINT, 20::BIGINT, NULL), (3, 30, 'new')) t(id, n, more)";
/** The second row has a value that is no whole number. */
const texts = "SELECT * FROM (VALUES (2::BIGINT, '20'), (3, 'x')) t(id, n)";

const all = Object.keys(targets) as (keyof typeof targets)[];

test.each(all)("%s, columns: a new one is added, refused, or discarded with its values or its rows", async (target) => {
  const of = async (columns: SchemaRule): Promise<Table> => await new Table(target, { columns }).make();

  const evolve = await of("evolve");
  await evolve.append(wider);
  expect(await evolve.rows()).toEqual([
    { ...first, more: null },
    { id: 2n, n: 20n, more: null },
    { id: 3n, n: 30n, more: "new" },
  ]);

  const freeze = await of("freeze");
  expect(await expectFailure(freeze.append(wider))).toMatchObject({
    code: "SCHEMA_MISMATCH",
    message: `the schema of dataset \`${freeze.dataset}\` is frozen, got: a new column \`more\` of type \`VARCHAR\``,
  });

  const value = await of("discard_value");
  const without = await value.append(wider);
  expect(await value.rows()).toEqual([first, { id: 2n, n: 20n }, { id: 3n, n: 30n }]);
  expect(without.warnings).toEqual([
    `rows of dataset \`${value.dataset}\` have a column \`more\` of type \`VARCHAR\`, which its table has not: 1 value left out`,
  ]);
  const discarded = { column: "more", type: "VARCHAR", rule: "columns", what: "value", count: 1 };
  expect(value.events()).toEqual([{ dataset: value.dataset, added: [], missing: [], discarded: [discarded] }]);

  const row = await of("discard_row");
  const some = await row.append(wider);
  expect([some.rows, some.quarantined]).toEqual([1, 1]);
  expect(await row.rows()).toEqual([first, { id: 2n, n: 20n }]);
  expect(await row.aside()).toEqual([
    { id: 3n, n: 30n, _reasons: ["schema.columns: more"], _quarantine_row: '{"id":3,"n":30,"more":"new"}' },
  ]);
  expect(some.warnings[0]).toContain("which its table has not: 1 row set aside");
});

test.each(all)("%s, types: a value of another one is refused, or discarded alone or with its row", async (target) => {
  const of = async (types: SchemaRule): Promise<Table> => await new Table(target, { types }).make();
  const narrower = "SELECT 2::BIGINT AS id, 20::INTEGER AS n";

  const evolve = await of("evolve");
  await evolve.append(narrower);
  expect(await expectFailure(evolve.append(texts))).toMatchObject({ code: "SCHEMA_MISMATCH" });
  expect(await evolve.rows()).toEqual([first, { id: 2n, n: 20n }]);

  const freeze = await of("freeze");
  // a type that the target holds as that of the table is none that differs
  if (target !== "sqlite")
    expect(await expectFailure(freeze.append(narrower))).toMatchObject({ code: "SCHEMA_MISMATCH" });
  expect(await expectFailure(freeze.append(texts))).toMatchObject({ code: "SCHEMA_MISMATCH" });

  const value = await of("discard_value");
  const without = await value.append(texts);
  expect(await value.rows()).toEqual([first, { id: 2n, n: 20n }, { id: 3n, n: null }]);
  expect(without.warnings).toEqual([
    `rows of dataset \`${value.dataset}\` have a column \`n\` of type \`VARCHAR\`, whose type is another one in its table: 1 value left out`,
  ]);

  const row = await of("discard_row");
  const some = await row.append(texts);
  expect([some.rows, some.quarantined]).toEqual([1, 1]);
  expect(await row.rows()).toEqual([first, { id: 2n, n: 20n }]);
  expect(await row.aside()).toEqual([
    { id: 3n, n: null, _reasons: ["schema.types: n"], _quarantine_row: '{"id":3,"n":"x"}' },
  ]);
  await row.append("SELECT 4::BIGINT AS id, 40::BIGINT AS n");
  // rows that are set aside stay until somebody resolves them
  expect(await row.aside()).toHaveLength(1);
});

test.each(all)("%s, tables: one that is not there is made, or refused", async (target) => {
  const sql = "SELECT 1::BIGINT AS id, 10::BIGINT AS n";
  const evolve = new Table(target, { tables: "evolve" });
  await evolve.append(sql);
  expect(await evolve.rows()).toEqual([first]);
  const freeze = new Table(target, { tables: "freeze" });
  expect(await expectFailure(freeze.append(sql))).toMatchObject({
    code: "SCHEMA_MISMATCH",
    message: `dataset \`${freeze.dataset}\` has no table, and \`schema.tables\` is frozen`,
  });
  const made = await new Table(target, { tables: "freeze" }).make();
  await made.append("SELECT 2::BIGINT AS id, 20::BIGINT AS n");
  expect(await made.rows()).toEqual([first, { id: 2n, n: 20n }]);
});

test("a time of the day is no part of a date, and a fraction none of a whole number", async () => {
  const dataset = "days";
  const output = { dataset, mode: "append", duckdb: { path: "out/days.duckdb" } } as const;
  await project.publish({ sql: "SELECT DATE '2026-01-01' AS day, 1 AS n", output });
  const sql =
    "SELECT TIMESTAMP '2026-01-02 00:00' AS day, 2.0::DOUBLE AS n UNION ALL SELECT TIMESTAMP '2026-01-03 10:00', 3.5";
  const { warnings } = await project.publish({ sql, output: { ...output, schema: { types: "discard_value" } } });
  expect(await project.rows(dataset)).toEqual([
    { day: "2026-01-01", n: 1 },
    { day: "2026-01-02", n: 2 },
    { day: null, n: null },
  ]);
  expect(warnings).toHaveLength(2);
});

test("all differences of a row are its reasons, beside those of checks, and each row is in one place", async () => {
  const table = await new Table("delta", { columns: "discard_row", types: "discard_row" }).make();
  const { dataset } = table;
  const output = {
    dataset,
    mode: "append",
    schema: { columns: "discard_row", types: "discard_row" },
    delta: { path: `lake/${dataset}` },
  } as const;
  const sql = "SELECT * FROM (VALUES (2::BIGINT, '20', NULL), (3, 'x', 'new'), (-4, '40', NULL)) t(id, n, more)";
  const checks = [{ range: { id: { min: 0 } }, severity: "quarantine", name: "positive" }] as const;
  const { rows, quarantined } = await project.publish({ sql, output, checks });
  expect([rows, quarantined]).toEqual([1, 2]);
  const reasons = await project.rows(
    `${dataset}_quarantine`,
    `select id, _reasons from ${dataset}_quarantine order by id`,
  );
  expect(reasons).toEqual([
    { id: -4n, _reasons: ["positive"] },
    { id: 3n, _reasons: ["schema.types: n", "schema.columns: more"] },
  ]);
});

test("a table whose rows are discarded as a whole is refused when the job is defined", () => {
  const define =
    (schema: object): (() => unknown) =>
    () =>
      integrationJob({ name: "j", source: { file: { path: "x" } }, output: { dataset: "t", schema } });
  expect(define({ tables: "discard_row" })).toThrow(
    "expected `tables` of `output.schema` of job `j` to be one of `evolve`, `freeze`, got: `discard_row`",
  );
  expect(define({ column: "evolve" })).toThrow(
    "unknown option `column` of `output.schema` of job `j`, did you mean `columns`?",
  );
  expect((define({ types: "discard_row" })() as { outputs: string[] }).outputs).toEqual(["t", "t_quarantine"]);
});
