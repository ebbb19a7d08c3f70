#!/usr/bin/env bash
# A reader of CSV that is told everything but the line end has to find it out, and one would guess that it looks at the end of a
# record: the quote is told, so that a line end within a quoted value is none. DuckDB takes the first line end of the file, whatever it
# is in. Where the first record holds CR LF in a value and records end with LF (a text that a browser's form has sent, written by a
# program on Linux), the reader then waits for CR LF: with a header it gives no row and no error, without one it fails with the message
# of a broken file. `auto_detect = false` makes no difference; `new_line = '\n'` does. The same value in a later record is read rightly.
#
# Seen with @duckdb/node-api 1.5.6-r.1 (DuckDB 1.5.6). Fails when that is no longer so.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @duckdb/node-api@1.5.6-r.1

cat >ask.mjs <<'EOF'
import { DuckDBInstance, version } from "@duckdb/node-api";
import { writeFileSync } from "node:fs";
const connection = await (await DuckDBInstance.create()).connect();
const read = async (text, header, more) => {
  writeFileSync("a.csv", text);
  const told = `auto_detect = false, header = ${header}, delim = ',', quote = '"', escape = '"'`;
  const columns = "columns = {a: 'VARCHAR', b: 'VARCHAR'}";
  try {
    const rows = (await connection.runAndReadAll(`select * from read_csv('a.csv', ${columns}, ${told}${more})`)).getRows();
    return JSON.stringify(rows);
  } catch (error) {
    return error.message.split("\n")[0];
  }
};
const lineFeed = String.raw`, new_line = '\n'`;
const asked = [
  ['"x\r\ny",n\na,1\n', true, "", (seen) => seen === "[]"],
  ['"x\r\ny",n\na,1\n', true, lineFeed, (seen) => seen === '[["a","1"]]'],
  ['"a\r\nb",1\nc,2\n', false, "", (seen) => seen.includes("Error")],
  ['"a\r\nb",1\nc,2\n', false, lineFeed, (seen) => seen === JSON.stringify([["a\r\nb", "1"], ["c", "2"]])],
  ['c,2\n"a\r\nb",1\n', false, "", (seen) => seen === JSON.stringify([["c", "2"], ["a\r\nb", "1"]])],
];
console.log(`DuckDB ${version()}`);
for (const [text, header, more, isExpected] of asked) {
  const seen = await read(text, header, more);
  console.log(`  ${JSON.stringify(text)}${header ? " with a header" : ""}${more}\n    ${seen}`);
  if (!isExpected(seen)) process.exitCode = 1;
}
EOF
node ask.mjs
