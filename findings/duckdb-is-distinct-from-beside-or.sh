#!/usr/bin/env bash
# `id = 7 or id is distinct from 7` is true of every row, NULL or not, and one would guess that a table scan returns them all. In DuckDB
# the rows of a row group whose ids are all NULL are missing. The statistics of the group are asked whether the condition can hold in
# it; each half says "never or NULL" where it should say "true for NULL", and the group is skipped. `is distinct from` alone is right,
# and so is the same condition inside an aggregate. So the answer depends on the order of the rows on the disk: a column that was added
# later, and that older rows lack, is the natural case. Files in Parquet are pruned in the same way.
#
# Seen with @duckdb/node-api 1.5.6-r.1 (DuckDB 1.5.6), 245,760 rows of which the first half is NULL: the filter finds 122,880, in a
# table and in Parquet alike; all 245,760 when the rows are mixed, and when the optimizer `filter_pushdown` is off.
# Fails when that is no longer so.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @duckdb/node-api@1.5.6-r.1

cat >ask.mjs <<'EOF'
import { DuckDBInstance, version } from "@duckdb/node-api";
const connection = await (await DuckDBInstance.create()).connect();
const one = async (text) => Number((await connection.runAndReadAll(text)).getRows()[0][0]);
const groups = 2, groupRows = 122_880, rows = groups * groupRows;
await connection.run(`create table sorted as select case when i >= ${groupRows} then i end as id from range(${rows}) t(i)`);
await connection.run(`create table mixed as select case when i % 2 = 1 then i end as id from range(${rows}) t(i)`);
await connection.run(`copy sorted to 'sorted.parquet' (row_group_size ${groupRows})`);
const condition = "id = 130001 or id is distinct from 130001";
const seen = {
  "sorted, in `count(*) filter (where …)`": await one(`select count(*) filter (where ${condition}) from sorted`),
  "sorted, `is distinct from` alone": await one("select count(*) from sorted where id is distinct from 130001"),
  "mixed, as a filter": await one(`select count(*) from mixed where ${condition}`),
  "sorted, as a filter": await one(`select count(*) from sorted where ${condition}`),
  "sorted, two `is distinct from`": await one("select count(*) from sorted where id is distinct from 130001 or id is distinct from 130002"),
  "Parquet, as a filter": await one(`select count(*) from 'sorted.parquet' where ${condition}`),
};
await connection.run("set disabled_optimizers = 'filter_pushdown'");
seen["sorted, as a filter that is not pushed down"] = await one(`select count(*) from sorted where ${condition}`);
console.log(`DuckDB ${version()}, ${rows} rows, all of which fulfil: ${condition}`);
for (const [what, count] of Object.entries(seen)) console.log(`${String(count).padStart(7)}  ${what}`);
const expected = [rows, rows - 1, rows, groupRows, groupRows, groupRows, rows];
process.exitCode = Object.values(seen).every((count, at) => count === expected[at]) ? 0 : 1;
EOF
node ask.mjs
