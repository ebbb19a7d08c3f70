#!/usr/bin/env bash
# Every entry of a zip archive has the CRC-32 of its bytes, and `unzip`, Python's zipfile and 7-Zip refuse an entry that has another one.
# One would guess that a library with `validateEntrySizes`, which is on by default, looks at it too. yauzl compares sizes alone. Deflated
# data often breaks when a byte of it changes; a stored entry, in which files that are packed already are kept, never does: its changed
# bytes come out as if nothing had happened.
#
# Seen with yauzl 3.4.0. Fails when that is no longer so. Needs Python 3, which makes the archive.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund yauzl@3.4.0

cat >make.py <<'EOF'
import zipfile
with zipfile.ZipFile("a.zip", "w", zipfile.ZIP_STORED) as archive:
    archive.writestr("a.csv", "id,amount\n1,100\n")
with open("a.zip", "rb") as file:
    data = file.read().replace(b"1,100", b"1,900")
with open("a.zip", "wb") as file:
    file.write(data)
try:
    zipfile.ZipFile("a.zip").read("a.csv")
except zipfile.BadZipFile as error:
    print("Python's zipfile:", error)
EOF
python3 make.py

cat >ask.mjs <<'EOF'
import yauzl from "yauzl";
import { text } from "node:stream/consumers";
const zip = await yauzl.openPromise("a.zip", { lazyEntries: true });
for await (const entry of zip.eachEntry()) {
  const seen = await text(await zip.openReadStreamPromise(entry));
  console.log("yauzl:", JSON.stringify(seen));
  if (seen !== "id,amount\n1,900\n") process.exitCode = 1;
}
EOF
node ask.mjs
