// Tables as Spark writes them, one for each feature of Delta Lake, as the statements that make them.

export interface SparkTable {
  readonly name: string;
  /** Statements in which `T` stands for the table. */
  readonly statements: readonly string[];
  /** An earlier version that must be there, too. */
  readonly earlier?: number;
  /** Whether only the checkpoint is left of the commits before it. */
  readonly fromCheckpoint?: true;
}

const values = "values (1, 'a', 10), (2, 'b', 20), (3, null, 30), (4, 'd', null)";

/** @param properties of the table, as SQL */
function plain(properties: string, layout = ""): string {
  return `create table T (id bigint, name string, amount int) using delta ${layout} tblproperties (${properties})`;
}

const marking = "'delta.enableDeletionVectors' = 'true'";
const inOneFile = "insert into T select /*+ coalesce(1) */";

const types = `create table T (id int, tiny tinyint, small smallint, big bigint, single float, ratio double, amount decimal(9, 2),
  wide decimal(38, 10), text string, raw binary, even boolean, day date, at timestamp, list array<int>, lists array<array<string>>,
  struct struct<a: int, b: struct<c: string>>, map map<string, bigint>, code char(3), short varchar(5)) using delta`;

const typeRows = `insert into T select id, id, id * 10, id * 9007199254740993, id / 8, case id when 1 then double('nan') else id / 3 end,
  id + 0.25, id * 1234567890123456789.0123456789, concat('té ', id), cast('ab' as binary), id % 2 = 0, date'2020-02-29' + cast(id as int),
  timestamp'1969-12-31 23:59:59.123456Z' + make_interval(0, 0, 0, 0, 0, 0, id), array(id, null), array(array('x'), null),
  named_struct('a', id, 'b', named_struct('c', 'x')), map('k', id, 'l', null), 'abc', 'ab' from (select cast(id as int) as id from range(3))
  union all select 9, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null`;

export const sparkTables: readonly SparkTable[] = [
  { name: "columns of every type", statements: [types, typeRows] },
  {
    name: "times without a zone",
    statements: [
      "create table T (id bigint, at timestamp_ntz, inner struct<day: date>) using delta",
      `insert into T values (1, timestamp_ntz'2020-01-01 12:00:00.000001', null), (2, null, named_struct('day', date'2020-01-01')),
        (3, timestamp_ntz'0001-01-01 00:00:00', null)`,
    ],
  },
  {
    name: "rows that a deletion vector marks after DELETE",
    statements: [
      plain(marking),
      `${inOneFile} id, concat('n', id), id from range(1000)`,
      "delete from T where id % 7 = 0",
    ],
    earlier: 1,
  },
  {
    name: "rows that deletion vectors mark after UPDATE and DELETE, twice in one file",
    statements: [
      plain(marking),
      `${inOneFile} id, concat('n', id), id from range(500)`,
      "update T set amount = -1 where id % 5 = 0",
      "delete from T where id between 100 and 110",
    ],
    earlier: 2,
  },
  {
    name: "rows that deletion vectors mark after MERGE",
    statements: [
      plain(marking),
      `${inOneFile} id, concat('n', id), id from range(100)`,
      `merge into T using (select id, 'new' as name, 0 as amount from range(90, 110)) as s on T.id = s.id
        when matched and s.id < 95 then delete when matched then update set * when not matched then insert *`,
    ],
  },
  {
    name: "columns mapped by name, renamed, dropped and added again",
    statements: [
      plain("'delta.columnMapping.mode' = 'name'"),
      `insert into T ${values}`,
      "alter table T rename column name to title",
      "alter table T drop column amount",
      "alter table T add column amount string",
      "insert into T values (5, 'e', 'new')",
    ],
  },
  {
    name: "columns mapped by id, nested and partitioned",
    statements: [
      `create table T (id bigint, p string, s struct<a: int, b: array<struct<c: int>>>) using delta partitioned by (p)
        tblproperties ('delta.columnMapping.mode' = 'id')`,
      "insert into T values (1, 'x', named_struct('a', 1, 'b', array(named_struct('c', 2)))), (2, null, null)",
      "alter table T rename column p to part",
      "alter table T rename column s.a to `a b`",
      "insert into T values (3, 'y', named_struct('a b', 3, 'b', null))",
    ],
  },
  {
    name: "a v2 checkpoint with sidecars",
    statements: [
      plain("'delta.checkpointPolicy' = 'v2', 'delta.checkpointInterval' = '3'"),
      ...[1, 2, 3, 4].map((id) => `insert into T values (${id}, 'n', ${id})`),
    ],
    fromCheckpoint: true,
  },
  {
    name: "a classic checkpoint of a table with deletion vectors",
    statements: [
      plain(`${marking}, 'delta.checkpointInterval' = '2'`),
      `${inOneFile} id, 'n', id from range(50)`,
      "delete from T where id = 7",
      "insert into T values (100, 'x', 1)",
    ],
    fromCheckpoint: true,
  },
  {
    name: "widened types",
    statements: [
      `create table T (id bigint, a int, b float, c decimal(5, 2), d date) using delta
        tblproperties ('delta.enableTypeWidening' = 'true', 'delta.feature.timestampNtz' = 'supported')`,
      "insert into T values (1, 1, 0.1, 1.25, date'2020-01-01'), (2, null, null, null, null)",
      "alter table T alter column a type bigint",
      "alter table T alter column b type double",
      "alter table T alter column c type decimal(12, 4)",
      "alter table T alter column d type timestamp_ntz",
      "insert into T values (3, 9007199254740993, 0.1, 12345678.1234, timestamp_ntz'2020-01-01 12:00:00')",
    ],
  },
  {
    name: "a change data feed",
    statements: [
      plain("'delta.enableChangeDataFeed' = 'true'"),
      `insert into T ${values}`,
      "update T set amount = 21 where id = 2",
      "delete from T where id = 1",
    ],
  },
  {
    name: "generated and identity columns",
    statements: [
      `create table T (id bigint generated always as identity, at timestamp, day date generated always as (cast(at as date)))
        using delta partitioned by (day)`,
      "insert into T (at) values (timestamp'2020-01-01 12:00:00Z'), (timestamp'2020-01-02 12:00:00Z')",
    ],
  },
  {
    name: "check constraints, default values and required columns",
    statements: [
      `create table T (id bigint not null, name string default 'none', amount int) using delta
        tblproperties ('delta.feature.allowColumnDefaults' = 'supported')`,
      "alter table T add constraint positive check (id > 0)",
      "insert into T (id) values (1), (2)",
    ],
  },
  {
    name: "in-commit timestamps",
    statements: [plain("'delta.enableInCommitTimestamps' = 'true'"), `insert into T ${values}`],
    earlier: 0,
  },
  {
    name: "row tracking",
    statements: [
      plain("'delta.enableRowTracking' = 'true'"),
      `insert into T ${values}`,
      "update T set amount = 0 where id = 3",
    ],
  },
  {
    name: "liquid clustering",
    statements: [
      plain("'delta.enableDeletionVectors' = 'false'", "cluster by (id)"),
      `insert into T ${values}`,
      "optimize T",
    ],
  },
  {
    name: "files that OPTIMIZE ZORDER and VACUUM have moved",
    statements: [
      plain("'delta.enableDeletionVectors' = 'false'", "partitioned by (name)"),
      ...[1, 2, 3].map((id) => `insert into T values (${id}, 'a', ${id}), (${id + 10}, 'b', null)`),
      "optimize T zorder by (id)",
      "vacuum T retain 0 hours",
    ],
  },
  {
    name: "partitions by values of seven types",
    statements: [
      `create table T (id bigint, s string, i int, d decimal(9, 2), f double, b boolean, day date, at timestamp) using delta
        partitioned by (s, i, d, f, b, day, at)`,
      `insert into T values (1, 'a/b=c d%é', -1, -1.50, 0.1, true, date'2020-02-29', timestamp'2020-01-01 00:00:00.5Z'),
        (2, 'x', 2, 2.25, double('nan'), false, date'0001-01-01', timestamp'1969-12-31 23:59:59.123456Z'),
        (3, null, null, null, null, null, null, null)`,
    ],
  },
  {
    name: "partitions by times without a zone",
    statements: [
      "create table T (id bigint, p timestamp_ntz) using delta partitioned by (p)",
      `insert into T values (1, timestamp_ntz'2020-01-01 00:00:00.5'), (2, timestamp_ntz'1969-12-31 23:59:59.123456'), (3, null)`,
    ],
  },
];
