// Tables that are text: what they hold is read back as it was, by the dataset and by anybody's source of files.
import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DatasetOutput } from "../../../src/core/dataset/dataset.ts";
import { findDamage } from "../../../src/data/datasets/find-damage.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";

let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(() => project[Symbol.asyncDispose]());

const outputs: readonly (readonly ["csv" | "ndjson", DatasetOutput])[] = [
  ["csv", { dataset: "t", csv: { path: "out/t.csv" } }],
  ["ndjson", { dataset: "t", ndjson: { path: "out/t.ndjson" } }],
];

/** Texts that are something else to a format of text. */
const texts = [
  "'NULL'",
  "' a '",
  `'q"t'`,
  "'x,y'",
  "'l' || chr(10) || '2'",
  "chr(13)",
  "chr(9)",
  "'{}'",
  "'#c'",
  "'0'",
];
const oddRows = `select unnest([${texts.join(", ")}, null]) as text, unnest(range(${texts.length + 1})) as id`;

describe.each(outputs)("a %s file", (format, output) => {
  test("gives back every text, and tells NULL from all of them", async () => {
    await project.publish({ sql: oddRows, output });
    const wanted = await project.attempt().query(`select * from (${oddRows}) order by id`, []);
    expect(await project.rows("t", "select text, id from t order by id")).toEqual([...wanted]);
    await project.publish({ source: { file: { path: `out/t.${format}` } }, output: { dataset: "again" } });
    expect(await project.rows("again", "select text, id from again order by id")).toEqual([...wanted]);
  });

  test("of one column has a row for each NULL", async () => {
    await project.publish({ sql: "select unnest([null, 1, null]) as id", output });
    expect(await project.rows("t")).toEqual([{ id: 1 }, { id: null }, { id: null }]);
  });

  test("that somebody has changed is refused and told until a run replaces it, and others may read it", async () => {
    const { dataset } = await project.publish({ sql: "select 1::tinyint as id, 'one' as name", output });
    const more = { csv: "two,zwei\n", ndjson: '{"id":"two","name":"zwei"}\n' };
    await appendFile(project.path(`out/t.${format}`), more[format]);
    expect(await expectFailure(project.rows("t"))).toMatchObject({
      code: "SOURCE_UNREADABLE",
      message: expect.stringMatching(/has \d+ bytes, and \d+ were published/),
    });
    expect(await findDamage(project.engine, [dataset])).toEqual([expect.stringContaining("were published")]);
    await project.publish({ source: { file: { path: `out/t.${format}` } }, output: { dataset: "again" } });
    expect(await project.rows("again", "select id from again order by id")).toEqual([{ id: "1" }, { id: "two" }]);
    await project.publish({ sql: "select 2::tinyint as id, 'one' as name", output });
    expect(await project.rows("t")).toEqual([{ id: 2, name: "one" }]);
  });

  test("that no run has written is not overwritten", async () => {
    await project.publish({ sql: "select 1 as id", output });
    await rm(project.path(`out/t.${format}.columns.json`));
    const request = { sql: "select 2 as id", output };
    expect(await expectFailure(project.publish(request))).toMatchObject({
      code: "TARGET_UNREADABLE",
      hint: expect.stringContaining("not overwritten"),
    });
    await writeFile(project.path(`out/t.${format}.columns.json`), "{}");
    expect(await expectFailure(project.publish(request))).toMatchObject({ code: "TARGET_UNREADABLE" });
  });
});

test("a CSV file has a header, quotes where they are needed, and instants with the offset of UTC", async () => {
  const sql = `select 1 as id, 'a "b", c' as text, timestamptz '2026-01-02 03:04:05+01' as at, null::date as day, [1, 2] as list`;
  await project.publish({ sql, output: { dataset: "t", csv: { path: "out/t.csv" } } });
  expect(await readFile(project.path("out/t.csv"), "utf8")).toBe(
    'id,text,at,day,list\n1,"a ""b"", c",2026-01-02 02:04:05+00:00,,"[1,2]"\n',
  );
});

test("a line of NDJSON has all columns, numbers that a double holds, and other numbers as text", async () => {
  const sql = `select 1 as id, null::varchar as text, 0.1::float as f, 1.50::decimal(4,2) as d,
    12345678901234567.89::decimal(38,2) as wide, {'at': timestamp '2026-01-02 03:04:05', 'wide': 0.1::decimal(20,18)} as o,
    timestamptz '2026-01-02 03:04:05.6+01' as at, map {'k': [true]} as m`;
  await project.publish({ sql, output: { dataset: "t", ndjson: { path: "out/t.ndjson" } } });
  const line = {
    id: 1,
    text: null,
    f: 0.1,
    d: 1.5,
    wide: "12345678901234567.89",
    o: { at: "2026-01-02 03:04:05", wide: "0.100000000000000000" },
    at: "2026-01-02T02:04:05.6Z",
    m: { k: [true] },
  };
  const text = await readFile(project.path("out/t.ndjson"), "utf8");
  expect(JSON.parse(text)).toEqual(line);
  expect(text.split("\n")).toHaveLength(2);
  expect(await project.rows("t", "select o.wide::varchar as wide, m['k'] as m, typeof(o) as type from t")).toEqual([
    { wide: "0.100000000000000000", m: [true], type: 'STRUCT("at" TIMESTAMP, wide DECIMAL(20,18))' },
  ]);
});

test("a CSV row may be longer than the engine reads by itself", async () => {
  const sql = "select repeat('x,' || chr(10), 2_000_000) as text, 1 as id";
  await project.publish({ sql, output: { dataset: "t", csv: { path: "out/t.csv" } } });
  expect(await project.rows("t", "select length(text) as n, id from t")).toEqual([{ n: 6_000_000n, id: 1 }]);
});

test("a line of NDJSON may be longer than the engine reads by itself", async () => {
  const sql = "select repeat('x', 20_000_000) as text";
  await project.publish({ sql, output: { dataset: "t", ndjson: { path: "out/t.ndjson" } } });
  expect(await project.rows("t", "select length(text) as n from t")).toEqual([{ n: 20_000_000n }]);
});

test.each([
  ["an empty text", "csv", "select '' as c"],
  ["a year before the first", "csv", "select date '0001-01-01' - 400 as c"],
  ["NaN or an infinite number", "ndjson", "select 'nan'::double as c"],
  ["NaN or an infinite number", "ndjson", "select [{'x': map {'k': 'inf'::float}}] as c"],
  ["a year before the first", "ndjson", "select timestamp '0001-01-01' - interval 400 days as c"],
] as const)("%s is refused by a %s target: %s", async (what, format, sql) => {
  const output: DatasetOutput = { dataset: "t", parquet: { path: "out/t.parquet" }, [format]: { path: "out/t" } };
  const error = await expectFailure(project.publish({ sql: `${sql} where 1 = 1`, output }));
  expect(error).toMatchObject({ code: "TARGET_VALUE_UNSUPPORTED", message: expect.stringContaining(what) });
  expect(project.versions("t")).toEqual([]);
});
