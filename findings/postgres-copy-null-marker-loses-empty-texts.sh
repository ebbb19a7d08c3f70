#!/usr/bin/env bash
# To carry NULL and the empty text apart through CSV, one gives NULL a marker of its own: `NULL '\N'` for COPY of Postgres, and
# `nullstr = '\N'` for read_csv of DuckDB. One would guess that each row then stays a row. In a result of one column it does not:
# Postgres quotes an empty text only where an empty field means NULL, so with a marker it writes an empty line, and DuckDB takes no
# row from an empty line, without a word. With the default (an empty field is NULL) Postgres quotes the text, but a NULL is then an
# empty line, which DuckDB does read as a row. `FORCE_QUOTE *` keeps all rows: a NULL is never quoted.
#
# Seen with @electric-sql/pglite 0.5.17 (Postgres 18.7 in Node) and @duckdb/node-api 1.5.6-r.1 (DuckDB 1.5.6): of the rows 'a', '', NULL,
# 'b' three arrive with the marker, four with the marker and FORCE_QUOTE, four without either.
# Fails when that is no longer so.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @electric-sql/pglite@0.5.17 @duckdb/node-api@1.5.6-r.1

cat >ask.mjs <<'JS'
import { writeFile } from "node:fs/promises";
import { PGlite } from "@electric-sql/pglite";
import { DuckDBInstance, version } from "@duckdb/node-api";
const postgres = await PGlite.create();
const server = (await postgres.query("show server_version")).rows[0].server_version;
const duckdb = await (await DuckDBInstance.create()).connect();
const asked = [
  ["null '\\N'", ", nullstr = '\\N'", "3 rows, 2 with a text"],
  ["null '\\N', force_quote *", ", nullstr = '\\N'", "4 rows, 3 with a text"],
  ["null ''", "", "4 rows, 2 with a text"],
];
console.log(`Postgres ${server}, DuckDB ${version()}: 'a', '', NULL, 'b' through CSV`);
for (const [written, read, expected] of asked) {
  const copied = await postgres.query(
    `copy (select * from (values ('a'), (''), (null), ('b')) t(v)) to '/dev/blob' (format csv, ${written})`,
  );
  await writeFile("rows.csv", await copied.blob.text());
  const counted = await duckdb.runAndReadAll(
    `select count(*)::int, count(v)::int from read_csv('rows.csv', header = false, columns = {v: 'VARCHAR'},
       delim = ',', quote = '"', escape = '"'${read})`,
  );
  const [[rows, texts]] = counted.getRows();
  const seen = `${rows} rows, ${texts} with a text`;
  console.log(`  ${written}: ${seen}`);
  if (seen !== expected) process.exitCode = 1;
}
await postgres.close();
JS
node ask.mjs
