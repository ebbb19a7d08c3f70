// Golden files: text that a person has looked at and that may not change by accident.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";

const folder = join(import.meta.dirname, "../../golden");

/** Compares with `tests/golden/<name>.golden.txt`; with `UPDATE_GOLDEN=1` writes it instead, to be looked at in the diff. */
export async function expectGolden(name: string, text: string): Promise<void> {
  const path = join(folder, `${name}.golden.txt`);
  const actual = `${text.trimEnd()}\n`;
  if (process.env["UPDATE_GOLDEN"] === "1") await writeFile(path, actual);
  expect(actual, `${name}.golden.txt; UPDATE_GOLDEN=1 writes it anew`).toBe(await readFile(path, "utf8"));
}
