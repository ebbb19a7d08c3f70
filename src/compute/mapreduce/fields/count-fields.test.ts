import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { MapScene } from "../../../../tests/support/mapreduce/map-scene.ts";
import { kernelSource } from "./kernel-binary.ts";

function toTotals(lines: readonly Readonly<Record<string, unknown>>[]): Record<string, unknown> {
  return Object.fromEntries(lines.map(({ key, value }) => [String(key), value]));
}

const operations = {
  fieldSums: (a: number, b: number) => a + b,
  fieldMins: Math.min,
  fieldMaxs: Math.max,
} as const;

/** Of the third field by the second one. */
function reduceNaively(texts: readonly string[], both: (a: number, b: number) => number): Record<string, number> {
  const totals = new Map<string, number>();
  for (const line of texts.flatMap((text) => text.split("\n")).filter((one) => one !== "")) {
    const [, key = "", value = ""] = line.replace(/\r$/, "").split(" ");
    const total = totals.get(key);
    totals.set(key, total === undefined ? Number(value) : both(total, Number(value)));
  }
  return Object.fromEntries(totals);
}

describe("a key that is a field", () => {
  const key = fc.oneof(fc.stringMatching(/^[a-cé]{0,3}$/), fc.stringMatching(/^[a-b]{15,40}$/));
  const number = fc.oneof(
    fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }).map(String),
    // halves and quarters, whose sums are exact in any order; texts that are no plain digits, too
    fc.integer({ min: -4_000, max: 4_000 }).map((n) => (n / 4).toFixed(2)),
    fc.constantFrom("1e3", "+5", "0x10", "-.5", "7."),
  );
  const line = fc
    .tuple(fc.stringMatching(/^[x-z]{0,20}$/), key, number, fc.constantFrom("", " rest", " a b", "\r"))
    .map(([first, second, third, rest]) => `${first} ${second} ${third}${rest}`);
  const inputs = fc.record({
    texts: fc.array(
      fc.array(line, { maxLength: 60 }).map((lines) => lines.join("\n")),
      { minLength: 1, maxLength: 3 },
    ),
    splitBytes: fc.integer({ min: 1, max: 200 }),
    memoryBytes: fc.constantFrom(2_000, 1_000_000),
  });

  test.each(["fieldSums", "fieldMins", "fieldMaxs"] as const)(
    "%s comes to what a loop comes to, however input and memory are cut",
    async (code) => {
      await using scene = await MapScene.create();
      await fc.assert(
        fc.asyncProperty(inputs, async ({ texts, splitBytes, memoryBytes }) => {
          const files = await Promise.all(texts.map(async (text, at) => await scene.file(`${at}.log`, text)));
          const result = await scene.run(code, files, { splitBytes, memoryBytes });
          expect(toTotals(result.lines)).toEqual(reduceNaively(texts, operations[code]));
        }),
        { numRuns: 25 },
      );
    },
  );

  test("it comes to the rows of functions, in their order, by checksum, on twenty generated inputs", async () => {
    await using scene = await MapScene.create();
    const digestOf = async (code: "words" | "bytes" | "fields", text: string, threads: number): Promise<string> => {
      const files = [
        await scene.file("a.log", text),
        await scene.file("b.log.gz", gzipSync(text.slice(0, text.length / 2))),
      ];
      const memoryBytes = threads === 0 ? 16_000_000 : 300_000;
      const { lines } = await scene.run(code, files, { threads, memoryBytes, splitBytes: 10_000 });
      return createHash("sha256").update(JSON.stringify(lines)).digest("hex");
    };
    for (let seed = 1; seed <= 20; seed += 1) {
      const words = Array.from({ length: 1_500 }, (_, n) => `k${(n * n * seed) % (137 * seed * seed)}é${n % seed}`);
      const text = words.map((word, n) => `${word} ${n}`).join(seed % 2 === 0 ? "\n" : "\r\n");
      const digests = [
        await digestOf("words", text, 0),
        await digestOf("bytes", text, 0),
        await digestOf("fields", text, 0),
      ];
      if (seed % 10 === 0) digests.push(await digestOf("fields", text, 2));
      expect(new Set(digests).size).toBe(1);
    }
  });

  test("more keys than fit into memory go to the disk, and come back in the same order", async () => {
    await using scene = await MapScene.create();
    const text = Array.from({ length: 120_000 }, (_, n) => `key${(n * 7_919) % 60_000} ${n}`).join("\n");
    const file = await scene.file("a.log", text);
    const mostly = await scene.run("fields", [file], { memoryBytes: 8_000_000, splitBytes: 3_000_000 });
    const small = await scene.run("fields", [file], { memoryBytes: 400_000, splitBytes: 300_000 });
    expect(small.spilledBytes).toBeGreaterThan(1_000_000);
    const functions = await scene.run("words", [file]);
    expect(small).toMatchObject({ records: 120_000, emitted: 120_000, keys: 60_000, bad: 0 });
    for (const { lines } of [small, mostly]) {
      expect(JSON.stringify(lines) === JSON.stringify(functions.lines)).toBe(true);
    }
  });

  test("a line without the field, or with a number that is none, is bad, and says where it is", async () => {
    await using scene = await MapScene.create();
    const file = await scene.file("a.log", "x a 1\nx\nx b -\nx a 2\n");
    expect(await expectFailure(scene.run("fieldSums", [file]))).toMatchObject({
      code: "RECORD_INVALID",
      disposition: "fail",
      message: "line 2 of `a.log`, byte 6: the line has no field 2",
    });
    const result = await scene.run("fieldSums", [file], { bad: { most: 2, isKept: true } });
    expect(toTotals(result.lines)).toEqual({ a: 3 });
    expect(result).toMatchObject({ records: 4, emitted: 2, bad: 2 });
    expect(result.letters).toMatchObject([
      { at: 6, reason: "the line has no field 2", text: "x" },
      { at: 8, reason: "field 2 is no number", text: "x b -" },
    ]);
  });

  test("a key or a line that is too long is bad, and the next ones are read", async () => {
    await using scene = await MapScene.create();
    const text = `ash\n${"x".repeat(1_100_000)} 1\n${"y".repeat(3_000_000)}\n${"z".repeat(900_000)} 1\nash`;
    const file = await scene.file("a.log", text);
    const bad = { most: 2, isKept: true };
    const result = await scene.run("fields", [file], { bad, maxLineBytes: 2_000_000, memoryBytes: 3_000_000 });
    expect(toTotals(result.lines)).toEqual({ ash: 2, ["z".repeat(900_000)]: 1 });
    expect(result.letters).toMatchObject([
      { at: 4, reason: "expected a key of at most 1048576 bytes, got: `1100000`" },
      { at: 1_100_007, reason: "expected a line of at most 2000000 bytes, got a longer one" },
    ]);
    expect(await expectFailure(scene.run("fields", [file], { maxLineBytes: 2_000_000 }))).toMatchObject({
      code: "RECORD_TOO_LARGE",
    });
  });

  test("a line that is longer than may be is bad for functions and for fields, wherever it lies in what was read", async () => {
    await using scene = await MapScene.create();
    const file = await scene.file("a.log", `ash\n${"x".repeat(30)}\nash`);
    for (const code of ["words", "fields"] as const) {
      const result = await scene.run(code, [file], { maxLineBytes: 20, bad: { most: 1, isKept: true } });
      expect(toTotals(result.lines)).toEqual({ ash: 2 });
      expect(result.letters).toMatchObject([{ at: 4 }]);
    }
  });
});

describe("a key that is a column of CSV", () => {
  const plain = fc.stringMatching(/^[a-zé]{0,12}$/);
  const quoted = fc.stringMatching(/^[a-z",é ]{0,20}$/).map((text) => ({ text }));
  const rows = fc.array(fc.tuple(fc.integer({ min: -99, max: 99 }), fc.oneof(plain, quoted)), { maxLength: 40 });

  test("quoted or not, it comes to what a function comes to", async () => {
    await using scene = await MapScene.create();
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 200 }), async (given, splitBytes) => {
        const lines = given.map(([n, city]) => {
          const cell = typeof city === "string" ? city : `"${city.text.replaceAll('"', '""')}"`;
          return `${n},${cell},x`;
        });
        const file = await scene.file("a.csv", `\uFEFFn,city,z\r\n${lines.join("\r\n")}\r\n\r\n`);
        const options = { splitBytes, memoryBytes: 2_000 };
        const [fields, functions] = [
          await scene.run("columnSums", [file], options),
          await scene.run("columns", [file], options),
        ];
        expect(fields.lines).toEqual(functions.lines);
        expect(fields).toMatchObject({ records: functions.records, emitted: given.length });
      }),
      { numRuns: 25 },
    );
  });

  test("a file without the column is refused, and a quote that is not closed is bad", async () => {
    await using scene = await MapScene.create();
    const other = await scene.file("a.csv", "n,ciy\n1,Ulm\n");
    expect(await expectFailure(scene.run("columnSums", [other]))).toMatchObject({
      code: "RECORD_INVALID",
      message: "`a.csv` has no column `city`, did you mean `ciy`?",
    });
    const open = await scene.file("b.csv", 'n,city\n1,"Ulm\n');
    expect(await expectFailure(scene.run("columnSums", [open]))).toMatchObject({
      code: "RECORD_INVALID",
      message: "line 2 of `b.csv`, byte 7: a quote is not closed in its line",
    });
  });
});

test("the kernel is made of the source that is here", () => {
  const source = readFileSync(join(import.meta.dirname, "kernel.rs"));
  expect(createHash("sha256").update(source).digest("hex")).toBe(kernelSource);
});
