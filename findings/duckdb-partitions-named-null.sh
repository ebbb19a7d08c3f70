#!/usr/bin/env bash
# One would guess that rows which DuckDB writes with `partition_by` come back the same when DuckDB reads them with hive partitioning: it
# escapes slashes, percent signs and equal signs in the names of folders. Two kinds of text do not come back. `NULL`, in any case (a
# surname, a code), is read as no value at all, although a row without a value is written under another name. And the text
# `__HIVE_DEFAULT_PARTITION__`, which a table has that was once read from such folders as text, gets the very file of the rows
# without a value: one is written over the other within a single `copy`, and its rows are gone without an error.
#
# Seen with @duckdb/node-api 1.5.6-r.1 (DuckDB 1.5.6): of 6 rows, 5 come back, and `Null` and `NULL` have become NULL. Declaring the
# column as text (`hive_types`) does not help. The first half is duckdb/duckdb#24309, which its main branch has mended.
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
const written = [[1, "a/b=c%20"], [2, ""], [3, "Null"], [4, "NULL"], [5, null], [6, "__HIVE_DEFAULT_PARTITION__"]];
const values = written.map(([id, name]) => `(${id}, ${name === null ? "null" : `'${name}'`})`).join(", ");
const { rowsChanged } = await connection.run(`copy (select * from (values ${values}) t(id, name)) to 'people' (format parquet, partition_by (name))`);
const rows = await connection.runAndReadAll(
  "select id, name from read_parquet('people/*/*.parquet', hive_partitioning = true, hive_types = {'name': varchar}) order by id",
);
const read = new Map(rows.getRows());
console.log(`DuckDB ${version()}, ${rowsChanged} rows written, ${read.size} read`);
for (const [id, name] of written) console.log(`  ${JSON.stringify(name)} → ${read.has(id) ? JSON.stringify(read.get(id)) : "gone"}`);
const kept = read.get(1) === "a/b=c%20" && read.get(2) === "";
const turnedToNull = read.get(3) === null && read.get(4) === null;
// Which of the two shares the file is written last is up to the engine.
process.exitCode = rowsChanged === 6 && kept && turnedToNull && read.has(5) !== read.has(6) ? 0 : 1;
EOF
node ask.mjs
