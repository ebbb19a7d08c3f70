#!/usr/bin/env bash
# A server that serves many requests learns in `unhandledRejection` which of them forgot a promise by asking its AsyncLocalStorage. One
# would guess that it answers with the request that made the promise, and in Node 22 it does. In Node 24 it answers with whoever
# rejected it, which may be another request or nobody (discussed in nodejs/node#46262). Anything that works in batches (a DataLoader, a
# pool, a cache of running queries) makes promises for one request and settles them in the context of another, so that an innocent one
# is blamed. A promise that somebody awaits or chains is not concerned: the promise of the chain is rejected in its own context.
#
# Seen with dataloader 2.2.3: request B forgets the promise of a batch that request A began. Node 22.23.3 names B, 24.21.0 names A.
# Made by hand outside of any request, the rejection has the context of B in 22.23.3 and none in 24.21.0.
# Fails when that is no longer so.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
for version in 22.23.3 24.21.0; do
  mkdir "$version"
  (cd "$version" && npm init -y >/dev/null && npm install --silent --no-audit --no-fund "node@$version" dataloader@2.2.3)
done

cat >ask.cjs <<'EOF'
const { AsyncLocalStorage } = require("node:async_hooks");
const DataLoader = require(`${process.cwd()}/node_modules/dataloader`);
const request = new AsyncLocalStorage();
const blamed = new Map();
process.on("unhandledRejection", (error) => blamed.set(error.message, request.getStore() ?? "nobody"));

const loader = new DataLoader(async (keys) => keys.map((key) => new Error(`key ${key}`)));
request.run("A", () => void loader.load("a").catch(() => {}));
request.run("B", () => void loader.load("b"));

let reject;
request.run("B", () => void new Promise((_, no) => { reject = no; }));
reject(new Error("by hand"));

request.run("B", () => void (async () => await new Promise((_, no) => { reject = no; }))());
request.run("A", () => reject(new Error("awaited")));

process.on("beforeExit", () => {
  const seen = `batch: ${blamed.get("key b")}, by hand: ${blamed.get("by hand")}, awaited: ${blamed.get("awaited")}`;
  console.log(`node ${process.version}: ${seen}`);
  process.exitCode = seen === process.argv[2] ? 0 : 1;
});
EOF
echo "request B forgets three promises; who is named in unhandledRejection?"
(cd 22.23.3 && node_modules/.bin/node ../ask.cjs "batch: B, by hand: B, awaited: B")
(cd 24.21.0 && node_modules/.bin/node ../ask.cjs "batch: A, by hand: nobody, awaited: B")
