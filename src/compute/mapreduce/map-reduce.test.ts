import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { MapScene } from "../../../tests/support/mapreduce/map-scene.ts";
import { MillraceError } from "../../core/errors/errors.ts";

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
    const small = await scene.run("totals", [file], {
      threads,
      memoryBytes: 200_000 * Math.max(1, threads),
      splitBytes: 100_000,
    });
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

describe("records that cannot be read", () => {
  test("a line far behind that map throws on is named with its number", async () => {
    await using scene = await MapScene.create();
    const file = await scene.file("a.log", `${"a\n".repeat(9_000_000)}bad\n`);
    expect(await expectFailure(scene.run("throws", [file], { splitBytes: 32_000_000 }))).toMatchObject({
      code: "MAP_FAILED",
      message: "`map` of job `throws` failed on line 9000001 of `a.log`, byte 18000000: it is bad",
    });
  });

  const skip = (most: number) => ({ bad: { most, isKept: true } });

  test("what a bad record has emitted does not count, and it is kept with its place", async () => {
    await using scene = await MapScene.create();
    const file = await scene.file("a.log", "ok 1\nbad 2\nok 3\nbad 4\n");
    const result = await scene.run("throws", [file], skip(2));
    expect(toCounts(result.lines)).toEqual({ ok: 2 });
    expect(result).toMatchObject({ records: 4, emitted: 2, bad: 2 });
    expect(result.letters).toMatchObject([
      { file: "a.log", at: 5, reason: "it is bad", text: "bad 2" },
      { at: 16, text: "bad 4" },
    ]);
    expect(await expectFailure(scene.run("throws", [file], skip(1)))).toMatchObject({ code: "MAP_FAILED" });
  });

  test("bad records of all splits count together", async () => {
    await using scene = await MapScene.create();
    const files = [await scene.file("a.log", "bad 1\n"), await scene.file("b.log", "bad 1\n")];
    expect(await expectFailure(scene.run("throws", files, skip(1)))).toMatchObject({ code: "RECORD_INVALID" });
  });

  test("a line that is too long is a bad record, and the next ones are read", async () => {
    await using scene = await MapScene.create();
    const file = await scene.file("a.log", `ash\n${"x".repeat(3_000_000)}\nash\n`);
    expect(await expectFailure(scene.run("words", [file], { splitBytes: 1_000_000 }))).toMatchObject({
      code: "RECORD_TOO_LARGE",
      message: expect.stringContaining("line 2 of `a.log`, byte 4: expected a line of at most 1000000 bytes"),
    });
    const result = await scene.run("words", [file], { splitBytes: 1_000_000, ...skip(1) });
    expect(toCounts(result.lines)).toEqual({ ash: 2 });
  });

  test("a key of ten megabytes is refused", async () => {
    await using scene = await MapScene.create();
    const file = await scene.file("a.log", "x".repeat(10_000_000));
    expect(await expectFailure(scene.run("whole", [file], { maxLineBytes: 20_000_000 }))).toMatchObject({
      code: "RECORD_TOO_LARGE",
      message: expect.stringContaining("expected a key of at most 1048576 bytes, got: `10000000`"),
    });
  });

  test("lines of CSV have the columns of the header, quotes and all; a quote that is not closed is bad", async () => {
    await using scene = await MapScene.create();
    const file = await scene.file("a.csv", '\uFEFFn,city\n1,Ulm\n2,"Bad ""X"", Y"\n\n3,"Ulm"\n');
    expect(toCounts((await scene.run("columns", [file], { splitBytes: 9 })).lines)).toEqual({
      Ulm: 4,
      'Bad "X", Y': 2,
    });
    const open = await scene.file("b.csv", 'n,city\n1,"Ulm\n');
    expect(await expectFailure(scene.run("columns", [open]))).toMatchObject({
      code: "RECORD_INVALID",
      message: "line 2 of `b.csv`, byte 7: a quote is not closed in its line",
    });
  });

  test("a line that is no JSON object is bad", async () => {
    await using scene = await MapScene.create();
    const file = await scene.file("a.ndjson", '{"key":1,"value":2}\n[1]\n');
    expect(await expectFailure(scene.run("lists", [file]))).toMatchObject({
      code: "RECORD_INVALID",
      message: "line 2 of `a.ndjson`, byte 20: the line is no JSON object",
    });
  });
});

describe("what a reduction may cost", () => {
  test("values of one key with nearly all rows pass by in their order, more than memory has", async () => {
    await using scene = await MapScene.create();
    const rows = Array.from({ length: 20_000 }, (_, n) => ({ key: n % 10 === 0 ? n : "hot", value: n }));
    const file = await scene.file("a.ndjson", rows.map((row) => JSON.stringify(row)).join("\n"));
    const result = await scene.run("lists", [file], { memoryBytes: 300_000, splitBytes: 50_000 });
    const hot = result.lines.find(({ key }) => key === "hot")?.["value"] as readonly number[];
    expect(hot).toHaveLength(18_000);
    expect(hot.every((value, at) => at === 0 || value > (hot[at - 1] ?? 0))).toBe(true);
    expect(result.keys).toBe(2_001);
  });

  test("a reduction that looks at the first value only leaves the others behind", async () => {
    await using scene = await MapScene.create();
    const file = await scene.file("a.log", "a 1\nb 2\na 3\nb 4\n");
    expect(toCounts((await scene.run("firsts", [file])).lines)).toEqual({ a: "1", b: "2" });
  });

  test("a thread that dies costs one attempt, and one that always dies the run", async () => {
    await using scene = await MapScene.create();
    const text = `ash\nbirch\ndie ${join(scene.root, "mark")}\nash\n`;
    const files = [await scene.file("a.log", "ash\n"), await scene.file("b.log", text)];
    const result = await scene.run("dies", files, { threads: 2 });
    expect(toCounts(result.lines)).toEqual({ ash: 3, birch: 1, die: 1 });
    expect(result.lostAttempts).toBe(1);
    const always = [await scene.file("c.log", "die\n")];
    expect(await expectFailure(scene.run("dies", always, { threads: 1 }))).toMatchObject({
      code: "ISOLATE_DIED",
      disposition: "retry",
    });
  });

  test("a thread that is killed costs the split that it was at, and no other one", async () => {
    await using scene = await MapScene.create();
    const file = await scene.file("a.log", "ash x\nbirch x\n".repeat(10_000));
    const kill = (): void => scene.threads[0]?.kill("now");
    const onProgress = (done: number, _total: number, operation: string): void => {
      if (operation === "mapping" && done === 3) kill();
    };
    const result = await scene.run("words", [file], { threads: 2, splitBytes: 10_000, onProgress });
    expect(result.splits).toBeGreaterThan(10);
    expect(result.lostAttempts).toBe(1);
    expect(toCounts(result.lines)).toEqual({ ash: 10_000, birch: 10_000 });
  });

  test("a reduction that never returns ends with the run", async () => {
    await using scene = await MapScene.create();
    const file = await scene.file("a.log", "ash\n");
    const control = new AbortController();
    const onProgress = (_done: number, _total: number, operation: string): void => {
      if (operation === "mapping") setImmediate(() => control.abort(new MillraceError("JOB_TIMED_OUT", "too long")));
    };
    const running = scene.run("endless", [file], { threads: 1, signal: control.signal, onProgress });
    expect(await expectFailure(running)).toMatchObject({ code: "JOB_TIMED_OUT" });
  });

  test.runIf(process.platform === "linux")("a disk that is full while runs are spilled is told", async () => {
    await using scene = await MapScene.create();
    const text = Array.from({ length: 20_000 }, (_, n) => `key${n}`).join("\n");
    const file = await scene.file("a.log", text);
    const folder = await scene.folder();
    await symlink("/dev/full", join(folder, "run-0-1-5.partial"));
    expect(await expectFailure(scene.run("words", [file], { memoryBytes: 100_000 }, folder))).toMatchObject({
      code: "DISK_FULL",
      disposition: "retry",
    });
  });
});

const word = fc.stringMatching(/^[a-cé]{0,3}$/);

function countNaively(texts: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const text of texts) {
    const lines = text.split("\n");
    if (lines.at(-1) === "") lines.pop();
    for (const line of lines) counts[line.split(" ")[0] ?? ""] = (counts[line.split(" ")[0] ?? ""] ?? 0) + 1;
  }
  return counts;
}

const inputs = fc.record({
  texts: fc.array(
    fc.array(word, { maxLength: 40 }).map((list) => list.join(" x\n")),
    { minLength: 1, maxLength: 3 },
  ),
  splitBytes: fc.integer({ min: 1, max: 60 }),
  memoryBytes: fc.constantFrom(2_000, 1_000_000),
});

test.each([
  ["words", 0, 15],
  ["bytes", 0, 15],
  ["words", 2, 2],
] as const)(
  "`%s` in %i threads counts as a loop does, however input and memory are cut",
  async (code, threads, numRuns) => {
    await using scene = await MapScene.create();
    await fc.assert(
      fc.asyncProperty(inputs, async ({ texts, splitBytes, memoryBytes }) => {
        const files = await Promise.all(texts.map(async (text, at) => await scene.file(`${at}.log`, text)));
        const result = await scene.run(code, files, { threads, splitBytes, memoryBytes });
        expect(toCounts(result.lines)).toEqual(countNaively(texts));
        const here = await scene.run(code, files);
        expect(result.lines).toEqual(here.lines);
      }),
      { numRuns },
    );
  },
);
