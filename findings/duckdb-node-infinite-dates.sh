#!/usr/bin/env bash
# DuckDB has infinite dates, as Postgres has, and `infinity` is a common end of what is still valid. Its client for Node has the constant
# `DuckDBDateValue.PosInf` and a property `isFinite`. One would guess that the text of such a value is `infinity`, as `::varchar` of the
# engine says and as the client itself says for TIMESTAMP and TIMESTAMPTZ. For the other types it prints the internal number as a
# date: of DATE the year 5881580, of TIMESTAMP_NS an instant in 2262 that looks like any other. The JSON form, which its README calls
# lossless, is the same text, and DuckDB refuses to read it back as out of range.
#
# Seen with @duckdb/node-api 1.5.6-r.1 (DuckDB 1.5.6): DATE prints 5881580-07-11, TIMESTAMP_NS 2262-04-11 23:47:16.854775807.
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
const expected = {
  TIMESTAMP: ["infinity", "infinity"],
  TIMESTAMPTZ: ["infinity", "infinity"],
  DATE: ["5881580-07-11", "refused"],
  TIMESTAMP_S: ["292277026596-12-04 15:30:07", "refused"],
  TIMESTAMP_MS: ["292278994-08-17 07:12:55.807", "refused"],
  TIMESTAMP_NS: ["2262-04-11 23:47:16.854775807", "refused"],
};
const readBack = async (text, type) => {
  try {
    return (await connection.runAndReadAll(`select '${text}'::${type}::varchar`)).getRows()[0][0];
  } catch {
    return "refused";
  }
};
console.log(`DuckDB ${version()}, 'infinity' as`);
for (const type of Object.keys(expected)) {
  const result = await connection.runAndReadAll(`select 'infinity'::${type} as value, 'infinity'::${type}::varchar as text`);
  const [[value, engineText]] = result.getRows();
  const [[json]] = result.getRowsJson();
  const seen = [String(value), await readBack(String(value), type)];
  console.log(`  ${type.padEnd(12)} engine: ${engineText}, client: ${seen[0]}, JSON: ${json}, client's text read back: ${seen[1]}`);
  if (engineText !== "infinity" || json !== seen[0] || seen.join() !== expected[type].join()) process.exitCode = 1;
}
EOF
node ask.mjs
