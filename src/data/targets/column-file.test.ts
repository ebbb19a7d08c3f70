import { mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadColumns, removeLonelyColumns, saveColumns, settleColumns } from "./column-file.ts";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-columns-"));
  file = join(folder, "t.csv");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What a publication does before it renames the file. */
async function prepare(text: string, type: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  const { size: bytes, mtimeMs: modifiedAtMs } = await stat(`${file}.new`);
  const scan = { longestRowBytes: 2, hasQuotes: false, isAmbiguous: false };
  await saveColumns(file, { bytes, modifiedAtMs, rows: 1, columns: [{ name: "id", type }], ...scan });
}

async function typeOf(): Promise<string | undefined> {
  return (await loadColumns(file))?.columns[0]?.type;
}

test("each of two files has its own columns while one takes the place of the other, also when they have one size", async () => {
  await prepare("id\n1\n", "INTEGER");
  await rename(`${file}.new`, file);
  expect(await typeOf()).toBe("INTEGER");
  await new Promise(setImmediate);
  await prepare("id\nx\n", "VARCHAR");
  expect(await typeOf()).toBe("INTEGER");
  await prepare("id\ny\n", "BLOB"); // the attempt before died here
  expect(await typeOf()).toBe("INTEGER");
  await rename(`${file}.new`, file);
  expect(await typeOf()).toBe("BLOB");
  await settleColumns(file);
  expect(await typeOf()).toBe("BLOB");
  expect((await readdir(folder)).toSorted()).toEqual(["t.csv", "t.csv.columns.json"]);
});

test("a file that was copied keeps its columns, and one that was changed is known to be", async () => {
  await prepare("id\n1\n", "INTEGER");
  await writeFile(file, "id\n1\n");
  expect(await loadColumns(file)).toMatchObject({ isAsWritten: true, rows: 1 });
  await writeFile(file, "id\n1\n2\n");
  expect(await loadColumns(file)).toMatchObject({ isAsWritten: false, columns: [{ type: "INTEGER" }] });
});

test("columns whose file never came are removed, those of a file that is there stay", async () => {
  await prepare("id\n1\n", "INTEGER");
  await removeLonelyColumns(file);
  expect(await readdir(folder)).toEqual(["t.csv.new"]);
  await prepare("id\n1\n", "INTEGER");
  await rename(`${file}.new`, file);
  await removeLonelyColumns(file);
  expect(await readdir(folder)).toHaveLength(2);
});
