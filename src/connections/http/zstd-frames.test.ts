import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ZstdFrames } from "./zstd-frames.ts";

const frames = fc.array(fc.string({ maxLength: 300 }), { minLength: 1, maxLength: 5 });

/** Decodes the bytes in chunks of that many. */
function decode(bytes: Buffer, chunkBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  for (let from = 0; from < bytes.length; from += chunkBytes) chunks.push(bytes.subarray(from, from + chunkBytes));
  return text(Readable.from(chunks).compose(new ZstdFrames()));
}

test("all frames are decoded, however the bytes are cut into chunks", async () => {
  await fc.assert(
    fc.asyncProperty(frames, fc.integer({ min: 1, max: 400 }), async (texts, chunkBytes) => {
      const bytes = Buffer.concat(texts.map((content) => zstdCompressSync(content)));
      expect(await decode(bytes, chunkBytes)).toBe(texts.join(""));
    }),
    { numRuns: 60 },
  );
});

test("frames of which the last one was cut are no whole body, however the bytes are cut into chunks", async () => {
  const first = zstdCompressSync("one".repeat(100));
  const bytes = Buffer.concat([first, zstdCompressSync("two".repeat(100))]);
  for (let end = first.length + 1; end < bytes.length; end += 1) {
    for (const chunkBytes of [1, 7, 1_000])
      await expect(decode(bytes.subarray(0, end), chunkBytes)).rejects.toThrow("unexpected end of file");
  }
});
