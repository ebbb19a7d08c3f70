#!/usr/bin/env bash
# MariaDB tells each session the position in the binary log that its snapshot belongs to: `SHOW STATUS LIKE 'binlog_snapshot_position'`
# after `START TRANSACTION WITH CONSISTENT SNAPSHOT`. One would compare the positions of several sessions to learn whether they see the
# same rows, and read a large table with all of them. That holds for as long as nobody else asks at that moment. Sessions that ask for
# their status at once are now and then given each other's position, so that two snapshots that differ look like one.
#
# Seen with MariaDB 10.11.19 (Debian 12: mariadb-server-core) and mysql2 3.24.6: two sessions whose positions never change are asked
# 20,000 times; one after the other all answers are right, at once some hundreds are those of the other session.
# Fails when that is no longer so.
set -euo pipefail
work="$(mktemp -d)"
server=""
cleanup() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null && wait "$server" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap cleanup EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund mysql2@3.24.6
mkdir packages root data
(cd packages && apt-get download --quiet=2 'mariadb-server-core=1:10.11.*' libaio1 libnuma1 liburing2 2>/dev/null)
for package in packages/*.deb; do dpkg-deb --extract "$package" root; done
export LD_LIBRARY_PATH="$work/root/usr/lib/x86_64-linux-gnu:$work/root/lib/x86_64-linux-gnu"
mariadbd="$work/root/usr/sbin/mariadbd"
common=(--no-defaults --datadir="$work/data" --lc-messages-dir="$work/root/usr/share/mysql" --user="$(id -un)")
# a statement a line, as its bootstrap wants them
(printf 'create database mysql;\nuse mysql;\n' && cat root/usr/share/mysql/mysql_system_tables.sql) |
  "$mariadbd" "${common[@]}" --bootstrap --log-warnings=0 2>boot.log || { cat boot.log; exit 1; }
port="$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')"
"$mariadbd" "${common[@]}" --skip-grant-tables --bind-address=127.0.0.1 --port="$port" --socket="$work/s" --pid-file="$work/pid" \
  --server-id=1 --log-bin 2>server.log &
server=$!

cat >ask.mjs <<'EOS'
import mysql from "mysql2/promise";
import { setTimeout as sleep } from "node:timers/promises";

async function connect() {
  for (let tries = 0; ; tries += 1) {
    try {
      return await mysql.createConnection({ host: "127.0.0.1", port: Number(process.argv[2]), user: "root" });
    } catch (error) {
      if (tries === 100) throw error;
      await sleep(200);
    }
  }
}

async function position(session) {
  const [[{ Value }]] = await session.query("show status like 'binlog_snapshot_position'");
  return Number(Value);
}

const writer = await connect();
await writer.query("create database shop");
await writer.query("create table shop.sale (id int primary key) engine = InnoDB");
const first = await connect();
const second = await connect();
await first.query("start transaction with consistent snapshot");
await writer.query("insert into shop.sale values (1)");
await second.query("start transaction with consistent snapshot");
// from here on nobody writes, and both snapshots stay what they are
const [own, other] = [await position(first), await position(second)];
const times = 20_000;
let [wrongInTurn, wrongAtOnce] = [0, 0];
for (let time = 0; time < times; time += 1) {
  const inTurn = [await position(first), await position(second)];
  if (inTurn[0] !== own || inTurn[1] !== other) wrongInTurn += 1;
  const atOnce = await Promise.all([position(first), position(second)]);
  if (atOnce[0] !== own || atOnce[1] !== other) wrongAtOnce += 1;
}
const [[{ version }]] = await writer.query("select version() as version");
console.log(version);
console.log(`snapshots at ${own} and ${other}, which state another position: ${wrongInTurn} of ${times} times in turn, ${wrongAtOnce} at once`);
for (const session of [first, second, writer]) await session.end();
process.exitCode = own !== other && wrongInTurn === 0 && wrongAtOnce > 0 ? 0 : 1;
EOS
node ask.mjs "$port"
