// Every target can publish every type again and again, and loses no digit of a value.
import fc from "fast-check";
import { expect, test } from "vitest";
import { printEngineType } from "../../src/compute/engine-type.ts";
import type { DatasetOutput, WriteMode } from "../../src/core/dataset/dataset.ts";
import type { DataProject } from "../support/data/data-project.ts";
import { anyType } from "../support/data/engine-type-arbitrary.ts";
import { expectFailure } from "../support/expect-failure.ts";

/** SQL of values, whose text in the engine everybody must give back. */
const values: readonly string[] = [
  "99999999999999999999999999999999999999::hugeint",
  "(-9007199254740993)::hugeint",
  "18446744073709551615::ubigint",
  "9007199254740993::uhugeint",
  "9007199254740993::bignum",
  "12345678901234567.89::decimal(38,2)",
  "1.5::float",
  "1e300::double",
  "'0101'::bit",
  "'b'::enum('a', 'b')",
  "'d54b1a0c-0000-4000-8000-00000000000a'::uuid",
  `'{"a":1}'::json`,
  "interval '1 month -3 days 1.123456 seconds'",
  "time '10:00:00.123456'",
  "'10:00:00+02'::timetz",
  "timestamp_s '2020-01-01 10:00:00'",
  "timestamp_ms '2020-01-01 10:00:00.123'",
  "timestamp_ns '2020-01-01 10:00:00.123456'",
  "timestamp '2020-01-01 10:00:00.123456'",
  "date '2020-01-01'",
  "'a\\x00b'::blob",
  "'text'",
];
const wide = /^(999|184)/;

/**
 * `wide integers`: those beyond 64 bits with a sign are refused by name. `structs`: they are kept as the text of their JSON.
 * `capitals`: names of columns lose them.
 */
export type LackingType = "wide integers" | "structs" | "capitals";

export interface TypedTarget {
  readonly project: DataProject;
  readonly output: (mode: WriteMode) => DatasetOutput;
  readonly lacks: readonly LackingType[];
}

/** Declares the tests of types for one target. */
export function describeTypes(target: TypedTarget): void {
  const { output, lacks } = target;

  test("values of every type come back with every digit, and can be published again", async () => {
    const { project } = target;
    const held = values.filter((sql) => !lacks.includes("wide integers") || !wide.test(sql));
    const select = `select ${held.map((sql, index) => `${sql} as c${index}`).join(", ")}`;
    for (const mode of ["append", "append", "replace", "replace"] as const) {
      await project.publish({ sql: select, output: { ...output(mode), dataset: mode } });
    }
    const texts = held.map((_, index) => `c${index}::varchar as c${index}`).join(", ");
    await using session = await project.engine.open();
    const [wanted] = await session.query(`select ${texts} from (${select})`);
    expect(await project.rows("replace", `select ${texts} from replace`)).toEqual([wanted]);
  });

  test("a hundred nested types can be published again and again", async () => {
    const { project } = target;
    // the engine cannot show the syntax tree of a query with an ENUM within another type
    const all = fc.sample(anyType, { numRuns: 200, seed: 7 }).map(printEngineType);
    const types = all.filter((type) => !type.includes("ENUM(")).slice(0, 100);
    expect(types).toHaveLength(100);
    const select = `select 1 as id, ${types.map((type, index) => `null::${type} as c${index}`).join(", ")}`;
    for (const id of [1, 2]) await project.publish({ sql: select, output: output("append") }, { runId: id });
    expect(await project.rows("t", "select count(*) as n from t")).toEqual([{ n: 2n }]);
  });

  test("objects keep their fields, whose names may be anything, and may lack some or come in another order", async () => {
    const { project } = target;
    const rows = [
      `{'City': 'Ulm', 'zip code': '89073', 'a"b': [1]}`,
      `{'City': 'Köln', 'zip code': '50667', 'a"b': [2]}`,
      `{'a"b': [3::smallint], 'City': 'Bonn'}`,
    ];
    for (const [index, row] of rows.entries()) {
      await project.publish({ sql: `select ${index} as id, ${row} as home`, output: output("append") });
    }
    const hasStructs = !lacks.includes("structs");
    expect(project.notices.filter((notice) => hasStructs && notice.includes("home"))).toEqual([]);
    const city = hasStructs ? "home.City" : "home->>'City'";
    expect(await project.rows("t", `select id, ${city} as city from t order by id`)).toEqual([
      { id: 0, city: "Ulm" },
      { id: 1, city: "Köln" },
      { id: 2, city: "Bonn" },
    ]);
  });

  test("a number of more digits than the target has is refused by the name of its column", async () => {
    const { project } = target;
    const sql = "select 170141183460469231731687303715884105727::hugeint as total";
    const error = await expectFailure(project.publish({ sql, output: output("replace") }));
    expect(error.message).toContain("column `total`");
    expect(project.versions("t")).toEqual([]);
  });
}
