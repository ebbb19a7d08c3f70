import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import type { TextOptions } from "./options.ts";
import { textRows } from "./relation.ts";

const session = useEngineSession();
const folder = useTemporaryFolder("text");

async function read(options: TextOptions, ...files: readonly (string | Uint8Array)[]): Promise<unknown> {
  const paths = files.map((_, index) => join(folder(), `${index}.txt`));
  for (const [index, text] of files.entries()) await writeFile(paths[index] ?? "", text);
  const { sql = "" } = await textRows(session(), paths, options, join(folder(), "spool"));
  return await session().query(sql);
}

test("a line is a row, as it is written and without its end", async () => {
  expect(await read({}, '\uFEFF00123\r\n\n a "b",\\N \nlast', "", "more\n")).toEqual([
    { text: "00123" },
    { text: "" },
    { text: ' a "b",\\N ' },
    { text: "last" },
    { text: "more" },
  ]);
  expect(await read({ column: "line" }, "\\N\n\0\n")).toEqual([{ line: "\\N" }, { line: "\0" }]);
});

test("a file may be a row as a whole", async () => {
  expect(await read({ row: "file" }, "a\r\nb\n", "", "c")).toEqual([{ text: "a\r\nb\n" }, { text: "c" }]);
});

test("lines that are longer than what is read at once stay whole", async () => {
  const long = "é".repeat(400_000);
  expect(await read({}, `${long}\r\n${long}x`)).toEqual([{ text: long }, { text: `${long}x` }]);
});

test("bytes that are no UTF-8 are refused, as is a character that was cut", async () => {
  for (const bytes of [Buffer.from("a\n\xff\n", "latin1"), Buffer.from("a\né").subarray(0, 3)]) {
    const error = await expectFailure(read({}, bytes));
    expect([error.code, error.message]).toEqual(["SOURCE_UNREADABLE", expect.stringContaining("the text is no UTF-8")]);
  }
});
