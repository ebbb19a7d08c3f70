#!/usr/bin/env bash
# A zstd file or body may be several frames one after the other (RFC 8878, section 3.1): that is what `cat a.zst b.zst`, pzstd and writers
# that append make, and other decoders read all of them. One would expect the decoders of Node to do so too, since gunzip reads all members
# of a gzip file. In fact it depends on how the bytes are cut: frames in chunks of their own are all read, but what follows the end of a
# frame within one chunk is dropped, and the decoder ends without an error. `zstdDecompressSync`, which has one chunk always, gives the
# first frame. `bytesWritten`, which counts what the decoder used, is then less than what it was given.
#
# Seen with Node 24.21.0. Fails when that is no longer so.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null && npm install --silent --no-audit --no-fund node@24.21.0

cat >frames.cjs <<'JS'
const zlib = require("node:zlib");

function read(decoder, chunks) {
  let text = "";
  decoder.on("data", (part) => (text += part));
  for (const chunk of chunks) decoder.write(chunk);
  decoder.end();
  return new Promise((resolve) => {
    decoder.once("end", () => resolve({ text: text.trim().replaceAll("\n", " "), used: decoder.bytesWritten }));
    decoder.once("error", (error) => resolve({ text: error.code, used: decoder.bytesWritten }));
  });
}

(async () => {
  const seen = [];
  const show = async (name, decoder, chunks) => {
    const { text, used } = await read(decoder, chunks);
    const given = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    console.log(`${name}: "${text}", used ${used} of ${given} bytes`);
    seen.push(text);
  };
  const frames = [zlib.zstdCompressSync("one\n"), zlib.zstdCompressSync("two\n")];
  const members = [zlib.gzipSync("one\n"), zlib.gzipSync("two\n")];
  await show("gzip, one chunk", zlib.createGunzip(), [Buffer.concat(members)]);
  await show("zstd, one chunk", zlib.createZstdDecompress(), [Buffer.concat(frames)]);
  await show("zstd, two chunks", zlib.createZstdDecompress(), frames);
  process.exitCode = seen.join("; ") === "one two; one; one two" ? 0 : 1;
})();
JS
node_modules/.bin/node frames.cjs
