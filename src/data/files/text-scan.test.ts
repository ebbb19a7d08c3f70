import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { scanText } from "./text-scan.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-scan-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test.each([
  ["", [0, false, false]],
  ["id\n1\n\n", [2, false, false]],
  ['a,"b,c"\n', [7, true, false]],
  ['"a\nb",c\n1\n', [7, true, true]],
  ['"a""b"\n', [6, true, true]],
  ['"a\rb"\n', [5, true, true]],
  ['"a","b"\n"c"', [7, true, false]],
  [`${"x".repeat(1_048_575)}"a""b"\n`, [1_048_581, true, true]],
] as const)("the text %j has rows and quotes", async (text, [longestRowBytes, hasQuotes, isAmbiguous]) => {
  const path = join(folder, "t");
  await writeFile(path, text);
  expect(await scanText(path, '"')).toEqual({ longestRowBytes, hasQuotes, isAmbiguous });
});

test("without a quote every line is a row", async () => {
  const path = join(folder, "t");
  await writeFile(path, '{"a":"x"}\n{}\n');
  expect(await scanText(path, undefined)).toEqual({ longestRowBytes: 9, hasQuotes: false, isAmbiguous: false });
});
