#!/usr/bin/env bash
# A client of HTTP/1.1 has to be able to read an answer `100 Continue` that it has not asked for, and may pass over it (RFC 9110, 15.2).
# curl and Node's own client do. One would guess that undici does, too. It destroys the socket and says `bad response`, so that no file
# can be written to HDFS with it: data nodes say `100 Continue` to every PUT with `op=CREATE`, with or without `expect`. undici does not
# take the header `expect` either.
#
# Seen with undici 8.13.1 and 7.16.0. Fails when that is no longer so.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund undici@8.13.1 undici-before@npm:undici@7.16.0

cat >ask.mjs <<'SCRIPT'
import { createServer } from "node:net";
import { request as requestByNode } from "node:http";
import { request } from "undici";
import { request as requestBefore } from "undici-before";

const server = createServer((socket) => {
  socket.on("error", () => undefined);
  socket.once("data", () => {
    socket.write("HTTP/1.1 100 Continue\r\n\r\n");
    socket.end("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n");
  });
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${server.address().port}/file`;

const byNode = await new Promise((resolve, reject) => {
  const sent = requestByNode(url, { method: "PUT" }, (answer) => resolve(answer.resume().statusCode));
  sent.on("error", reject).end("bytes");
});
console.log("Node's client:", byNode);
const seen = [];
for (const [name, ask] of [["undici 8.13.1", request], ["undici 7.16.0", requestBefore]]) {
  const answer = await ask(url, { method: "PUT", body: "bytes" }).then(({ statusCode }) => statusCode, (error) => error.message);
  console.log(`${name}:`, answer);
  seen.push(answer);
}
server.close();
if (byNode !== 201 || seen.some((answer) => answer !== "bad response")) process.exitCode = 1;
process.exit();
SCRIPT
node ask.mjs
