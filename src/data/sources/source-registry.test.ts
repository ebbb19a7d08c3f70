import { expect, test } from "vitest";
import { expectThrown } from "../../../tests/support/expect-thrown.ts";
import { commonFormat, fileFormats } from "./format-registry.ts";
import * as formats from "./file-formats.ts";
import { sourceKinds } from "./source-registry.ts";
import * as kinds from "./sources.ts";

test("each kind of source and each format of files goes by the name of its line in the list", () => {
  expect(sourceKinds.map(({ name }) => name)).toEqual(Object.keys(kinds));
  expect(fileFormats.map(({ name }) => name)).toEqual(Object.keys(formats));
});

test("no two formats of files claim the same name or ending", () => {
  const names = fileFormats.flatMap(({ variants }) => variants);
  const endings = fileFormats.flatMap(({ extensions }) => Object.keys(extensions));
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(endings).size).toBe(endings.length);
});

test("the format of files follows from their names, packed or not", () => {
  expect(commonFormat(["/a/b.JSONL", "/a/c.ndjson"]).variant).toBe("ndjson");
  expect(() => commonFormat(["/a/b.csv", "/a/c.parquet"])).toThrow("the format does not follow from the file names");
});

test("a format that is known and not read is refused by its name, with what to do", () => {
  for (const name of ["/a/b.orc", "/a/b.XLS", "/a/b.ebc"]) {
    expect(expectThrown(() => commonFormat([name]), "SOURCE_UNREADABLE").hint).toMatch(/^have /);
  }
});
