import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { MapScene } from "../../../tests/support/mapreduce/map-scene.ts";

const words = ["ash", "birch", "cedar", "ash", "ash", "birch", "élan", ""];
const counts = { ash: 3, birch: 2, cedar: 1, élan: 1, "": 1 };

function toCounts(lines: readonly Readonly<Record<string, unknown>>[]): Record<string, unknown> {
  return Object.fromEntries(lines.map(({ key, value }) => [String(key), value]));
}

describe.each([0, 2])("with %i threads beside its own", (threads) => {
  test("lines are counted by a field of theirs, the last one without an end, too", async () => {
    await using scene = await MapScene.create();
    const files = [
      await scene.file("a.log", words.map((word) => `${word} x`).join("\r\n")),
      await scene.file("b.log", ""),
      await scene.file("c.log.gz", gzipSync("ash y\nfir z\n")),
      await scene.file("d.log.zst", zstdCompressSync("fir z\n")),
    ];
    const result = await scene.run("words", files, { threads, splitBytes: 16 });
    expect(toCounts(result.lines)).toEqual({ ...counts, ash: 4, fir: 2 });
    expect(result).toMatchObject({ records: 11, emitted: 11, keys: 6, rows: 6, bad: 0 });
  });

  test("more keys than fit into memory go to the disk, and come back in the same order", async () => {
    await using scene = await MapScene.create();
    const text = Array.from({ length: 60_000 }, (_, n) => `key${(n * 7_919) % 30_000} ${n}`).join("\n");
    const file = await scene.file("a.log", text);
    const small = await scene.run("totals", [file], { threads, memoryBytes: 800_000, splitBytes: 100_000 });
    expect(small.spilledBytes).toBeGreaterThan(1_000_000);
    const large = await scene.run("totals", [file]);
    expect(large.spilledBytes).toBe(0);
    expect(JSON.stringify(small.lines) === JSON.stringify(large.lines)).toBe(true);
    expect(small.lines).toHaveLength(30_000);
    expect(small.lines[0]).toMatchObject({ n: 2, word: expect.stringMatching(/^key/) });
  });

  test("what `map` throws on is said with its line and its byte", async () => {
    await using scene = await MapScene.create();
    const file = await scene.file("a.log", "ok 1\nok 2\nok 3\nbad 4\nok 5\n");
    expect(await expectFailure(scene.run("throws", [file], { threads, splitBytes: 8 }))).toMatchObject({
      code: "MAP_FAILED",
      disposition: "fail",
      message: "`map` of job `throws` failed on line 4 of `a.log`, byte 15: it is bad",
    });
  });

  test("a packed file that was cut is unreadable", async () => {
    await using scene = await MapScene.create();
    const packed = gzipSync(Array.from({ length: 5_000 }, (_, n) => `key${n} x`).join("\n"));
    const file = await scene.file("cut.log.gz", packed.subarray(0, packed.length / 2));
    expect(await expectFailure(scene.run("words", [file], { threads }))).toMatchObject({
      code: "SOURCE_UNREADABLE",
      message: "reading `cut.log.gz`: unexpected end of file",
    });
  });
});
