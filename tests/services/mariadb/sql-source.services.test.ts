// Tables and queries of a real MariaDB as sources: every value is the one that the database has, as of one moment.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Row } from "../../../src/compute/engine.ts";
import { lendVariables } from "../../../src/connections/variables.ts";
import { withMysql } from "../../../src/connections/mysql/mysql-session.ts";
import { shareSnapshot } from "../../../src/data/sources/sql/mysql-snapshot.ts";
import type { SqlSource } from "../../../src/data/sources/sql/options.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { type MariaDbServer, startMariaDb } from "./mariadb-server.ts";

const url = "env:TEST_SHOP_URL";
let server: MariaDbServer;
let database: string;
let project: DataProject;
beforeAll(async () => {
  server = await startMariaDb(["--log-bin", "--binlog-format=row"]);
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  project = await DataProject.create();
  database = await server.createDatabase();
  lendVariables((name) => (name === "TEST_SHOP_URL" ? server.url(database) : undefined));
});
afterEach(() => project[Symbol.asyncDispose]());

async function read(sql: Omit<SqlSource, "url">, select = "select * from t order by all"): Promise<Row[]> {
  await project.publish({ source: { sql: { url, ...sql } }, output: { dataset: "t", parquet: { path: "t.parquet" } } });
  return await project.rows("t", select);
}

const values: readonly (readonly [type: string, value: string, engineType: string, text: string])[] = [
  ["decimal(38,2)", "12345678901234567.89", "DECIMAL(38,2)", "12345678901234567.89"],
  ["decimal(65,30)", "12345678901234567890123456789012345.1", "VARCHAR", "12345678901234567890123456789012345.1"],
  ["decimal(5,2) unsigned", "999.99", "DECIMAL(5,2)", "999.99"],
  ["bigint", "-9007199254740993", "BIGINT", "-9007199254740993"],
  ["bigint unsigned", "18446744073709551615", "UBIGINT", "18446744073709551615"],
  ["mediumint unsigned", "16777215", "UINTEGER", "16777215"],
  ["int zerofill", "5", "UINTEGER", "5"],
  ["tinyint(1)", "2", "TINYINT", "2"],
  ["float", "16777217", "FLOAT", "16777216.0"],
  ["float", "0.1", "FLOAT", "0.1"],
  ["double", "0.30000000000000004", "DOUBLE", "0.30000000000000004"],
  ["double", "1e-300", "DOUBLE", "1e-300"],
  ["bit(1)", "b'1'", "BOOLEAN", "true"],
  ["bit(64)", "b'1111111111111111111111111111111111111111111111111111111111111111'", "UBIGINT", "18446744073709551615"],
  ["set('a','b')", "'a,b'", "VARCHAR", "a,b"],
  ["enum('x','y')", "'y'", "VARCHAR", "y"],
  ["time", "'25:00:00'", "VARCHAR", "25:00:00"],
  ["time(6)", "'-838:59:59'", "VARCHAR", "-838:59:59.000000"],
  ["year", "2024", "SMALLINT", "2024"],
  ["date", "'9999-12-31'", "DATE", "9999-12-31"],
  ["datetime(6)", "'2026-03-29 02:30:00.123456'", "TIMESTAMP", "2026-03-29 02:30:00.123456"],
  ["timestamp(6)", "'2026-01-02 03:04:05.123456'", "TIMESTAMP WITH TIME ZONE", "2026-01-02 03:04:05.123456+00"],
  ["json", `'{"a": 9007199254740993.10, "b": "x"}'`, "VARCHAR", '{"a": 9007199254740993.10, "b": "x"}'],
  ["blob", "x'00ff'", "BLOB", String.raw`\x00\xFF`],
  ["varbinary(9)", "x'5c4e'", "BLOB", String.raw`\x5CN`],
  ["uuid", "'d54b1a0c-0000-4000-8000-00000000000a'", "UUID", "d54b1a0c-0000-4000-8000-00000000000a"],
  ["inet6", "'::1'", "VARCHAR", "::1"],
  ["text character set latin1", "'é'", "VARCHAR", "é"],
  ["text character set utf8mb4", "'😀'", "VARCHAR", "😀"],
];

test.each(values)("reads %s %s as %s, by table and by query", async (type, value, engineType, text) => {
  await server.query(
    `set time_zone = '+00:00'; create table v (id int primary key, c ${type}); insert into v values (1, ${value})`,
    database,
  );
  const select = "select typeof(c) as type, c::varchar as text from t";
  const expected = [{ type: engineType, text: expect.stringContaining(text) as string }];
  expect(await read({ table: "v" }, select)).toEqual(expected);
  expect(await read({ query: "select c from v" }, select)).toEqual(expected);
});

test("tells NULL from the empty text and from its mark, and keeps marks, quotes and line ends", async () => {
  const texts = [
    "",
    String.raw`\N`,
    String.raw`\\N`,
    "NULL",
    'a"b',
    '"',
    "a,b",
    "a\nb",
    "a\r\nb",
    " ",
    "a\u0000b",
    "'",
    ";",
  ];
  await server.query("create table odd (id int, a text, b text)", database);
  const list = texts.map((text, index) => `(${index}, ${JSON.stringify(text).replaceAll("\\u0000", "\\0")}, null)`);
  await server.query(`insert into odd values ${list.join(", ")}`, database);
  const rows = await read({ table: "odd" }, "select a, b from t order by id");
  expect(rows).toEqual(texts.map((a) => ({ a, b: null })));
});

test("reads columns that `select *` leaves out, and generated ones", async () => {
  await server.query(
    "create table g (id int primary key, hidden int invisible default 7, twice int as (id * 2) virtual, thrice int as (id * 3) stored); insert into g (id) values (1)",
    database,
  );
  expect(await read({ table: "g" })).toEqual([{ id: 1, hidden: 7, twice: 2, thrice: 3 }]);
});

test.each(["0000-00-00", "2024-02-00", "2024-00-10"])(
  "a date of %s is refused, or NULL where that is declared",
  async (date) => {
    await server.query(
      `set sql_mode = ''; create table z (id int, d date, at datetime, plain date); insert into z values (1, '${date}', '${date} 00:00:00', '2024-01-01')`,
      database,
    );
    const error = await expectFailure(read({ table: "z" }));
    expect(error).toMatchObject({ code: "SOURCE_UNREADABLE", hint: expect.stringContaining("zeroDates") as string });
    expect(error.message).toContain("column `d`");
    expect(await read({ table: "z", zeroDates: "null" })).toEqual([{ id: 1, d: null, at: null, plain: "2024-01-01" }]);
    const warned = project.events.filter(({ type }) => type === "warning").map(({ data }) => JSON.stringify(data));
    expect(warned.join()).toContain("column `d` has dates without a day or a month, read as NULL, rows: `1`");
  },
);

test("a day that no month has is refused, whatever is declared of zero dates", async () => {
  await server.query(
    "set sql_mode = 'ALLOW_INVALID_DATES'; create table z (d date, o date); insert into z values ('2024-02-30', '0000-00-00')",
    database,
  );
  const error = await expectFailure(read({ table: "z", zeroDates: "null" }));
  expect(error.message).toContain("column `d` holds values that the type `DATE` has not, rows: `1`");
});

test("a geometry is refused by the name of its column, with the way to read it", async () => {
  await server.query("create table p (id int, place point); insert into p values (1, point(1, 2))", database);
  expect(await expectFailure(read({ table: "p" }))).toMatchObject({
    code: "SOURCE_UNREADABLE",
    message: "column `place` is of the type `point`, which has no text",
  });
  expect(await read({ query: "select id, st_astext(place) as place from p" })).toEqual([
    { id: 1, place: "POINT(1 2)" },
  ]);
});

test("values are bound, with the type that they have, and never part of the statement", async () => {
  await server.query(
    "create table b (id bigint, name varchar(50) character set latin1); insert into b values (9007199254740991, 'it''s \\\\ x'), (2, 'b')",
    database,
  );
  const query = "select id, name from b where name = ? and id > ? and ? is null order by id limit ?";
  expect(await read({ query, params: ["it's \\ x", 9007199254740990, null, 1] })).toEqual([
    { id: 9007199254740991n, name: "it's \\ x" },
  ]);
  expect(await read({ query: "select * from b where name = ?", params: ["x' or '1' = '1"] })).toEqual([]);
});

test("instants of variables are those of the session, which is in UTC", async () => {
  await server.query(
    "set time_zone = '+00:00'; create table e (id int, instant timestamp(6), local datetime(3)); insert into e values (1, '2026-01-01 00:00:00', '2026-01-01'), (2, '2026-01-02 00:00:00', '2026-01-02')",
    database,
  );
  const units = ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00.000Z"].map((from) => ({
    key: from,
    variables: { from },
  }));
  for (const column of ["instant", "local"]) {
    const sql = { url, query: `select id from e where ${column} = ?`, params: ["{{from}}"] };
    await project.publish({ source: { sql }, output: { dataset: column }, reading: { units } });
    expect(await project.rows(column)).toEqual([{ id: 1 }, { id: 2 }]);
  }
});

test("a query cannot write, and a statement that is no query is not run", async () => {
  await server.query("create table w (id int); insert into w values (1)", database);
  for (const query of ["delete from w", "drop table w", "insert into w values (2) returning id"]) {
    await expectFailure(read({ query }));
  }
  expect(await server.query("select count(*) as n from w", database)).toEqual([{ n: 1 }]);
});

test("names may occur twice in a query that must be wrapped only when the engine cannot tell them apart", async () => {
  const error = await expectFailure(read({ query: "select 1 as a, x'00' as a" }));
  expect(error.message).toContain("two columns of what the source reads are called `a`");
});

async function fillLarge(rows: number): Promise<void> {
  await server.query(
    `create table large (id bigint primary key, note varchar(200));
     insert into large select seq * 3, repeat('x', 120) from seq_1_to_${rows}; analyze table large`,
    database,
  );
}

test("a large table is read as of one moment while others write, by several connections or, without the right to lock, by one", async () => {
  await fillLarge(150_000);
  await server.query("create or replace user poor@'127.0.0.1'", "mysql");
  await server.query(`grant select on ${database}.* to poor@'127.0.0.1'`, "mysql");
  let isOver = false;
  const writing = (async () => {
    for (let id = 0; !isOver; id += 1) {
      // one row goes and another comes in one transaction: every moment has the same number
      await server.query(
        `begin; delete from large where id = ${3 * (id + 1)}; insert into large values (${1_000_000 - 3 * id - 1}, 'new'); commit`,
        database,
      );
    }
  })();
  try {
    for (const user of ["root", "poor"]) {
      lendVariables(() => server.url(database).replace("root", user));
      const select = "select count(*) as n, count(distinct id) as ids from t";
      expect(await read({ table: "large", parallel: 3 }, select)).toEqual([{ n: 150_000n, ids: 150_000n }]);
    }
  } finally {
    isOver = true;
    await writing;
  }
  const warnings = project.events.filter(({ type }) => type === "warning");
  expect(warnings.map(({ data }) => JSON.stringify(data))).toEqual([
    expect.stringContaining("was read by one connection"),
  ]);
});

test("sessions share a moment behind a lock only, and have it on a server that commits by another level", async () => {
  await server.query(
    `create table s (id int) engine = InnoDB; set global transaction isolation level read committed;
     create or replace user poor@'127.0.0.1'; grant select on ${database}.* to poor@'127.0.0.1'`,
    database,
  );
  try {
    const share = async (user: string): Promise<readonly (readonly unknown[])[] | undefined> => {
      lendVariables(() => server.url(database).replace("root", user));
      return await withMysql(url, {}, (one) =>
        withMysql(url, {}, async (other) => {
          if (!(await shareSnapshot(url, "s", [one, other], {}))) return undefined;
          await server.query("insert into s values (1)", database);
          return [...(await one.query("select count(*) from s")), ...(await other.query("select count(*) from s"))];
        }),
      );
    };
    expect(await share("root")).toEqual([["0"], ["0"]]);
    expect(await share("poor")).toBeUndefined();
  } finally {
    await server.query("set global transaction isolation level repeatable read");
  }
});

test("a run that is stopped in the middle of a table ends at once, and its sessions with it", async () => {
  await fillLarge(200_000);
  const stop = new AbortController();
  const reading = project.publish(
    { source: { sql: { url, query: "select l.id, l.note from large l, seq_1_to_50" } }, output: { dataset: "t" } },
    { signal: stop.signal },
  );
  setTimeout(() => stop.abort(), 300);
  expect(await expectFailure(reading)).toMatchObject({ code: "RUN_STOPPED" });
});

test.each([
  ["SOURCE_MISSING", { table: "nothing" }],
  ["SOURCE_MISSING", { query: "select * from nothing" }],
  ["SQL_INVALID", { query: "select nothing" }],
  ["SQL_INVALID", { query: "selec 1" }],
] as const)("%s tells what is wrong with %o", async (code, sql) => {
  expect(await expectFailure(read(sql))).toMatchObject({ code });
});

test("who may not come in, and a server that is not there, are told apart without a password", async () => {
  const secret = "canary-s3cr3t";
  lendVariables(() => server.url(database).replace("root", `nobody:${secret}`));
  const refused = await expectFailure(read({ table: "t" }));
  expect(refused).toMatchObject({ code: "AUTHENTICATION_FAILED" });
  lendVariables(() => `mysql://root:${secret}@127.0.0.1:1/x`);
  const gone = await expectFailure(read({ table: "t" }));
  expect(gone).toMatchObject({ code: "SERVICE_UNAVAILABLE", disposition: "retry" });
  expect(`${refused.message}${refused.hint}${gone.message}${gone.hint}`).not.toContain(secret);
});
