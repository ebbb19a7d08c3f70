#!/usr/bin/env bash
# Decimals are exact, and DuckDB documents that sums and products of them are exact or fail. One would guess that bringing two DECIMAL
# types together does the same. It does not where 38 digits cannot hold both: the whole digits win, the scale is cut to what is left,
# and values are rounded without a word. `+` decides the other way round and keeps the scale. DECIMAL(38,0) is what many exporters
# write for any integer (NUMBER of Snowflake is one), so that a single such file beside one with cents takes all cents away. It is the
# types that decide, not the values: every value here has at most four digits.
#
# Seen with @duckdb/node-api 1.5.6-r.1 (DuckDB 1.5.6): 0.5 of DECIMAL(4,3) beside 100 of DECIMAL(38,0) becomes 1 in `union all`, in
# `coalesce` and in `read_parquet(…, union_by_name = true)`; beside DECIMAL(20,0) it stays 0.500; `+` of the same two is 100.500.
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
await connection.run("copy (select 100::decimal(38,0) as x) to 'whole.parquet'");
await connection.run("copy (select 0.5::decimal(4,3) as x) to 'cents.parquet'");
const smallest = async (rows) => {
  const [row] = (await connection.runAndReadAll(`select min(x)::varchar, typeof(min(x)) from (${rows})`)).getRows();
  return row.join(" as ");
};
const asked = [
  ["select 100::decimal(20,0) as x union all select 0.5::decimal(4,3)", /^0\.500 as DECIMAL\(23,3\)$/],
  ["select 100::decimal(38,0) as x union all select 0.5::decimal(4,3)", /^1 as DECIMAL\(38,0\)$/],
  ["select 100::decimal(38,2) as x union all select 0.0049::decimal(18,4)", /^0\.00 as DECIMAL\(38,2\)$/],
  ["select coalesce(null::decimal(38,0), 0.5::decimal(4,3)) as x", /^1 as DECIMAL\(38,0\)$/],
  ["select * from read_parquet(['whole.parquet', 'cents.parquet'], union_by_name = true)", /^1 as DECIMAL\(38,0\)$/],
  ["select 100::decimal(38,0) + 0.5::decimal(4,3) as x", /^100\.500 as DECIMAL\(38,3\)$/],
];
console.log(`DuckDB ${version()}, the smallest value of`);
for (const [rows, expected] of asked) {
  const seen = await smallest(rows);
  console.log(`  ${rows}\n    ${seen}`);
  if (!expected.test(seen)) process.exitCode = 1;
}
EOF
node ask.mjs
