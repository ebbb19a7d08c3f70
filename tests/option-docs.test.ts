// The tables of options in the documents are those of the source.
import { join } from "node:path";
import { expect, test } from "vitest";
import { fillTables, listTables, optionTables, readPages } from "./support/gates/option-tables.ts";

const pages = await readPages(join(import.meta.dirname, ".."));

test("every table of options is as the source says; `npm run docs` writes them", () => {
  const stale = pages.filter(({ text }) => fillTables(text) !== text).map(({ path }) => path);
  expect(stale).toEqual([]);
});

test("every component has its table in a document, and no document asks for another one", () => {
  const asked = new Set(pages.flatMap(({ text }) => listTables(text)));
  expect([...asked].toSorted()).toEqual([...optionTables.keys()].toSorted());
});

test("a planted table that is stale is found, and the text around it stays", () => {
  const text = "# A\n<!-- options: a -->\nold\n<!-- /options -->\n$& $1\n<!-- options: b -->\n<!-- /options -->\n";
  expect(listTables(text)).toEqual(["a", "b"]);
  expect(fillTables(text, new Map([["a", "| $1 |"]]))).toBe(text.replace("old", () => "| $1 |"));
});
