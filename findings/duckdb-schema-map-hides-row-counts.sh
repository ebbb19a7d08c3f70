#!/usr/bin/env bash
# `read_parquet(file, schema = MAP {…})` reads columns by their field ids, as tables of Delta with column mapping and of Iceberg need it.
# One would guess that the plan is the one of the same file without it: how many rows a file has stands in its footer, whatever its columns
# are called. In DuckDB the scan is taken to have no row at all. A hash join then makes its table of the large side instead of the
# small one, and a join by a range looks at all pairs, where it sorts both sides otherwise.
#
# Seen with @duckdb/node-api 1.5.6-r.1 (DuckDB 1.5.6), a file of 1,000,000 rows joined with one of 1,000: the estimate is 1000000
# without a schema and 0 with one; the right side, of which the table is made, is the small file without and the large one with it (some 4
# to 15 times as slow); 30,000 rows against 30,000 by a range go from an IE join to nested loops (0.3 s, then 13 s). A CTE that is
# materialized is taken to have no rows either; `nested_loop_join_threshold = 0` with `merge_join_threshold = 0` gives the IE join back.
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
const ask = async (text) => (await connection.runAndReadAll(text)).getRowsJson();
await connection.run("copy (select i as id, i % 100 as k from range(1000000) t(i)) to 'large.parquet' (field_ids {id: 1, k: 2})");
await connection.run("copy (select i as id from range(1000) t(i)) to 'small.parquet'");
const schema = "map {1: {name: 'id', type: 'BIGINT', default_value: null}, 2: {name: 'k', type: 'BIGINT', default_value: null}}";
const scans = { plain: "read_parquet('large.parquet')", "with a schema": `read_parquet('large.parquet', schema = ${schema})` };

const flatten = (node) => [node, ...node.children.flatMap(flatten)];
const planOf = async (sql) => flatten(JSON.parse((await ask(`explain (format json) ${sql}`))[0][1])[0]);
const estimateOf = (node) => Number(node.extra_info["Estimated Cardinality"]);

const seen = {};
for (const [name, scan] of Object.entries(scans)) {
  const [{ children: sides }] = (await planOf(`select * from ${scan} l join 'small.parquet' s using (id)`)).filter(({ name }) => name === "HASH_JOIN");
  const part = `(select * from ${scan} limit 30000)`;
  const ranges = await planOf(`select count(*) from ${part} a join ${part} b on a.id between b.id and b.id + 5`);
  seen[name] = {
    rows: Number((await ask(`select count(*) from ${scan}`))[0][0]),
    estimate: estimateOf((await planOf(`from ${scan}`)).find(({ name }) => name.includes("PARQUET"))),
    builtOf: flatten(sides[1]).some(({ extra_info }) => Number(extra_info["Estimated Cardinality"]) === 1_000) ? "small" : "large",
    rangeJoin: ranges.map(({ name }) => name).find((name) => name.includes("JOIN")),
  };
}
console.log(`DuckDB ${version()}`);
console.table(seen);
const { plain, "with a schema": mapped } = seen;
const isAsSeen = plain.rows === 1e6 && mapped.rows === 1e6 && plain.estimate === 1e6 && mapped.estimate === 0 &&
  plain.builtOf === "small" && mapped.builtOf === "large" && plain.rangeJoin !== mapped.rangeJoin;
process.exitCode = isAsSeen ? 0 : 1;
EOF
node ask.mjs
