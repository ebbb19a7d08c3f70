// The page of features, and that of the client of Spark Connect, name for each row a test that is there.
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { findUnshown, parseFeatures } from "./support/gates/feature-table.ts";

const repositoryRoot = resolve(import.meta.dirname, "..");
const path = "docs/internals/features.md";

test.each([
  [path, 50],
  ["docs/internals/spark-connect.md", 25],
])("each row of %s is shown by a test", async (page, least) => {
  const rows = parseFeatures({ path: page, text: await readFile(join(repositoryRoot, page), "utf8") });
  expect(rows.length).toBeGreaterThan(least);
  const read = (file: string): Promise<string | undefined> =>
    readFile(join(repositoryRoot, file), "utf8").catch(() => undefined);
  expect(await findUnshown(rows, read)).toEqual([]);
});

test("a planted row without a test, with a file that is not there or with a test that has another name is found", async () => {
  const text = [
    "| feature | shown by |",
    "| --- | --- |",
    "| avro |  |",
    "| zip | [many entries](../../tests/gone.test.ts) |",
    "| text | [lines are rows](../../tests/text.test.ts) · [lines are columns](../../tests/text.test.ts) |",
  ].join("\n");
  const rows = parseFeatures({ path, text });
  const read = (file: string): Promise<string | undefined> =>
    Promise.resolve(file === "tests/text.test.ts" ? 'test("lines are rows, each of them", () => {});' : undefined);
  expect(await findUnshown(rows, read)).toEqual([
    "nothing shows `avro`",
    "`zip`: no file `tests/gone.test.ts`",
    "`text`: no test `lines are columns` in `tests/text.test.ts`",
  ]);
});
