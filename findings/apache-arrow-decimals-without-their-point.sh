#!/usr/bin/env bash
# Arrow is how engines and services hand rows to JavaScript: Spark Connect, Flight SQL, DuckDB, BigQuery. One would guess that a DECIMAL column of
# a table that the package apache-arrow has read gives values with their point, since the column knows its scale, or at least that the text of
# a row does, `String(row)` and `JSON.stringify(row)`. A value is a number object without the scale: 12.34 prints `1234`, in a row, too, and
# calculates as 1234. A sum over the column is 100 times too large, without a word. The point has to be put in by hand, from
# `field.type.scale`.
#
# Seen with apache-arrow 21.2.0 on batches that pyarrow 26.0.1 has written: String 1234, JSON "1234", Number 1234.
# Fails when that is no longer so.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pyarrow==26.0.1
npm init -y >/dev/null
npm install --silent --no-audit --no-fund apache-arrow@21.2.0

venv/bin/python - <<'PY'
from decimal import Decimal
import pyarrow as pa
table = pa.table({"price": pa.array([Decimal("12.34"), Decimal("-0.05")], pa.decimal128(10, 2))})
with pa.ipc.new_stream("prices.arrow", table.schema) as stream:
    stream.write_table(table)
print(f"pyarrow {pa.__version__} wrote {table['price'].to_pylist()}")
PY

cat >ask.mjs <<'JS'
import { readFileSync } from "node:fs";
import { tableFromIPC } from "apache-arrow";
const { version } = JSON.parse(readFileSync("node_modules/apache-arrow/package.json", "utf8"));
const table = tableFromIPC(readFileSync("prices.arrow"));
const { type } = table.schema.fields[0];
const [row] = table.toArray();
const seen = { text: String(row.price), row: String(row), json: JSON.stringify(row), number: Number(row.price) };
console.log(`apache-arrow ${version}, a column of ${type} with scale ${type.scale}: ${JSON.stringify(seen)}`);
const total = table.toArray().reduce((sum, { price }) => sum + Number(price), 0);
console.log(`  the sum of 12.34 and -0.05 by the values: ${total}`);
if (seen.text !== "1234" || seen.number !== 1234 || /12\.34/.test(seen.row + seen.json)) process.exitCode = 1;
JS
node ask.mjs
