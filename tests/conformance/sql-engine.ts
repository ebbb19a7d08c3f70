// The contract of what computes the SQL of jobs: the same text gives the same rows, types, checks and tables, wherever it is computed.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ComputeChoice } from "../../src/core/compute/compute-choice.ts";
import type { OutputOptions, WriteMode } from "../../src/core/dataset/dataset.ts";
import type { Cluster } from "../../src/compute/cluster.ts";
import type { NamedRequest } from "../../src/data/publish/named-request.ts";
import { DataProject } from "../support/data/data-project.ts";
import { expectFailure } from "../support/expect-failure.ts";

export interface SqlEngineUnderTest {
  /** Absent for DuckDB. */
  readonly compute?: ComputeChoice;
  /** Opened for each test. */
  readonly cluster?: (project: DataProject) => Cluster;
  /** Looks at Delta tables as other software does. */
  readonly judge?: (project: DataProject, dataset: string) => Promise<void>;
}

/** Declares the suite for one engine. */
export function describeSqlEngine(name: string, engine: SqlEngineUnderTest): void {
  describe(`SQL on ${name}`, () => {
    let project: DataProject;
    beforeEach(async () => {
      project = await DataProject.create();
      project.cluster = engine.cluster?.(project);
    });
    afterEach(() => project[Symbol.asyncDispose]());
    const publish = async (request: Omit<NamedRequest, "output"> & { readonly output: OutputOptions }) =>
      await project.publish({
        ...request,
        ...(engine.compute === undefined ? {} : { compute: engine.compute }),
      });
    const fixture: Fixture = { engine, publish, project: () => project };
    describeRows(fixture);
    describePublishing(fixture);
    describeRefusals(fixture);
  });
}

interface Fixture {
  readonly engine: SqlEngineUnderTest;
  readonly project: () => DataProject;
  readonly publish: (
    request: Omit<NamedRequest, "output"> & { readonly output: OutputOptions },
  ) => ReturnType<DataProject["publish"]>;
}

const orders = `select * from (values (1, 'anna', 10.50, date '2026-01-01'), (2, 'ben', 20.00, date '2026-01-01'),
  (3, null, 5.25, date '2026-01-02'), (4, 'anna', 0.75, null)) v(id, customer, amount, day)`;

function describeRows({ publish, project }: Fixture): void {
  test("values of every type come through as they were, and so do their types", async () => {
    await project().publish({
      sql: `select true as b, 1::tinyint as i8, -2::smallint as i16, 3::integer as i32, 9007199254740993 as i64, 1.5::double as f, 0.25::float as f32,
        12345678901234567890.12::decimal(22,2) as d, 'text ''quoted'' \\n ü' as s, '\\x00ff'::blob as bytes, date '1582-10-20' as day,
        timestamp '2001-02-03 04:05:06.500001' as naive, timestamptz '2001-02-03 04:05:06+02' as instant, [1, null] as list,
        {'x': 1, 'y': {'z': date '2001-01-01'}} as struct, map {'a': 1.5::decimal(3,1)} as map, null::integer as nothing
        union all by name select null::boolean as b`,
      output: { dataset: "typed" },
    });
    await publish({ sql: "select * from typed", inputs: ["typed"], output: { dataset: "copied" } });
    expect(await project().rows("copied")).toEqual(await project().rows("typed"));
    expect(
      project()
        .versions("copied")
        .at(-1)
        ?.schema.map(({ name, type }) => [name, type]),
    ).toEqual(
      project()
        .versions("typed")
        .at(-1)
        ?.schema.map(({ name, type }) => [name, type]),
    );
  });

  test("rows of a partitioned table have the values of their partitions, also where there are none", async () => {
    await project().publish({
      sql: `select * from (values (1, 'a b/c=d', 2026), (2, null, 2025), (3, 'ü%20', null), (4, 'a b/c=d', 2025)) v(id, kind, year)`,
      output: { dataset: "parts", delta: { partitionBy: ["kind", "year"] } },
    });
    await publish({ sql: "select year, kind, id from parts", inputs: ["parts"], output: { dataset: "all_parts" } });
    expect(await project().rows("all_parts", "select id, kind, year from all_parts order by id")).toEqual(
      await project().rows("parts", "select id, kind, year from parts order by id"),
    );
  });

  test("a query joins, groups and counts", async () => {
    await project().publish({ sql: orders, output: { dataset: "orders" } });
    await project().publish({
      sql: "select 'anna' as name, 'DE' as country union all select 'ben', 'FR'",
      output: { dataset: "customers" },
    });
    await publish({
      sql: `with named as (select o.*, c.country from orders o left join customers c on c.name = o.customer)
        select country, count(*) as orders, sum(id) as ids, max(amount) as largest from named group by country`,
      inputs: ["orders", "customers"],
      output: { dataset: "by_country" },
    });
    expect(
      await project().rows(
        "by_country",
        "select country, orders, ids::bigint as ids, largest from by_country order by country nulls last",
      ),
    ).toEqual([
      { country: "DE", orders: 2n, ids: 5n, largest: "10.50" },
      { country: "FR", orders: 1n, ids: 2n, largest: "20.00" },
      { country: null, orders: 1n, ids: 3n, largest: "5.25" },
    ]);
  });

  test("a table whose files have other columns, changed rows or no row reads as it is", async () => {
    const output = { dataset: "growing", mode: "merge", key: ["id"] } as const;
    await project().publish({ sql: "select 1 as id, 'one' as name union all select 2, 'two'", output });
    await project().publish({ sql: "select 2 as id, 'zwei' as name, 7 as more", output });
    await project().publish({ sql: "select 1 as id where false", output: { dataset: "none" } });
    const sql = "select g.id, g.name, g.more from growing g where not exists (select 1 from none n where n.id = g.id)";
    await publish({ sql, inputs: ["growing", "none"], output: { dataset: "grown" } });
    expect(await project().rows("grown")).toEqual([
      { id: 1, name: "one", more: null },
      { id: 2, name: "zwei", more: 7 },
    ]);
  });

  test("a query without rows makes an empty table with its columns", async () => {
    await project().publish({ sql: orders, output: { dataset: "orders" } });
    const sql = "select id, amount from orders where id < 0";
    expect(await publish({ sql, inputs: ["orders"], output: { dataset: "none" } })).toMatchObject({ rows: 0 });
    expect(project().versions("none").at(-1)?.schema).toMatchObject([
      { name: "id", type: "INTEGER" },
      { name: "amount", type: "DECIMAL(4,2)" },
    ]);
  });
}

function describePublishing({ publish, project, engine }: Fixture): void {
  test.each<WriteMode>(["replace", "append", "merge", "insert_only", "delete_insert", "snapshot", "scd2"])(
    "%s publishes what it publishes of rows of DuckDB",
    async (mode) => {
      const needs = { replace: {}, append: {}, snapshot: { key: ["id"] }, delete_insert: { by: "name" } }[
        String(mode)
      ] ?? { key: ["id"] };
      for (const [index, name] of ["one", "two"].entries()) {
        const rows = `select ${index + 1} as id, '${name}' as name union all select 9, 'nine ${name}'`;
        await project().publish({ sql: rows, output: { dataset: `given_${index}` } });
        const request = { sql: `select id, name from given_${index}`, inputs: [`given_${index}`] };
        await project().publish({ ...request, output: { dataset: "here", mode, ...needs } });
        await publish({ ...request, output: { dataset: "there", mode, ...needs } as OutputOptions });
      }
      const list =
        { scd2: "* exclude (valid_from, valid_to)", snapshot: "* exclude (snapshot_at)" }[String(mode)] ?? "*";
      expect(await project().rows("there", `select ${list} from there order by all`)).toEqual(
        await project().rows("here", `select ${list} from here order by all`),
      );
    },
  );

  test("checks see the rows before anybody else does, and one that fails lets none through", async () => {
    await project().publish({ sql: orders, output: { dataset: "orders" } });
    const request = {
      sql: "select id, customer, amount from orders",
      inputs: ["orders"],
      output: { dataset: "checked" },
    };
    const checks = [{ notNull: ["customer"] }, { range: { amount: { min: 1 } } }, { rowCount: { min: 4 } }] as const;
    const failure = await expectFailure(publish({ ...request, checks }));
    expect(failure.code).toBe("CHECKS_FAILED");
    expect(project().versions("checked")).toEqual([]);
    const told = project().events.filter(({ type }) => type === "computed_elsewhere");
    expect(told.map(({ data }) => data)).toEqual(
      engine.cluster === undefined
        ? []
        : [
            {
              dataset: "checked",
              where: expect.stringContaining("Spark"),
              operation: expect.stringMatching(/^[\da-f-]{36}$/),
            },
          ],
    );
    const results = project().events.findLast(({ type }) => type === "checks_evaluated")?.data;
    expect(results).toMatchObject({
      results: [
        { passed: false, failingRows: 1 },
        { passed: false, failingRows: 1 },
        { passed: true, failingRows: 0 },
      ],
    });
  });

  test("rows that break a check are set aside, the others are published", async () => {
    await project().publish({ sql: orders, output: { dataset: "orders" } });
    const result = await publish({
      sql: "select id, customer, amount from orders",
      inputs: ["orders"],
      checks: [{ notNull: ["customer"], severity: "quarantine" }, { references: { id: "orders.id" } }],
      output: { dataset: "kept" },
    });
    expect(result).toMatchObject({ rows: 3, quarantined: 1 });
    expect(await project().rows("kept", "select id from kept order by id")).toEqual([{ id: 1 }, { id: 2 }, { id: 4 }]);
  });

  test("one query fills a partitioned Delta table, a Parquet file and a table in SQLite", async () => {
    await project().publish({ sql: orders, output: { dataset: "orders" } });
    await publish({
      sql: "select id, customer, day from orders",
      inputs: ["orders"],
      output: {
        dataset: "spread",
        delta: { partitionBy: ["day"] },
        parquet: { path: "out/spread.parquet" },
        sqlite: { path: "out/spread.sqlite" },
      },
    });
    expect(
      project()
        .versions("spread")
        .at(-1)
        ?.locations.map(({ format }) => format),
    ).toEqual(["delta", "parquet", "sqlite"]);
    expect(await project().rows("spread", "select id from spread where day is null")).toEqual([{ id: 4 }]);
    await engine.judge?.(project(), "spread");
  });
}

function describeRefusals({ publish, project }: Fixture): void {
  test("SQL that is wrong says what and where, and publishes nothing", async () => {
    await project().publish({ sql: orders, output: { dataset: "orders" } });
    const wrong = (sql: string) => expectFailure(publish({ sql, inputs: ["orders"], output: { dataset: "wrong" } }));
    expect((await wrong("select nothing_like_it from orders")).code).toBe("SQL_INVALID");
    expect((await wrong("select from where")).code).toBe("SQL_INVALID");
    expect(await wrong("select * from secrets")).toMatchObject({
      code: "DATASET_UNKNOWN",
      message: expect.stringContaining("secrets") as string,
    });
    const failure = await wrong("select cast(customer as integer) as n from orders where customer is not null");
    expect(failure.code).toBe("SQL_FAILED");
    expect(project().versions("wrong")).toEqual([]);
  });

  test("an input that nobody has published is told before anything is computed", async () => {
    const failure = await expectFailure(
      publish({ sql: "select * from ordres", inputs: ["ordres"], output: { dataset: "x" } }),
    );
    expect(failure.code).toBe("DATASET_UNKNOWN");
  });
}
