import { expect, test } from "vitest";
import { expectThrown } from "../../../../tests/support/expect-thrown.ts";
import type { DeliveredFile } from "../file-format.ts";
import type { SaveOptions } from "./options.ts";
import { nameSaved } from "./saved-name.ts";

const file: DeliveredFile = {
  path: "/spool/1.gz",
  name: "s3://lake/in/day/a.csv.gz",
  facts: { path: "in/day/a.csv.gz", below: "day/a.csv.gz" },
};

function toOf(options: Partial<SaveOptions>, more: Partial<DeliveredFile> = {}): string {
  const variables = { files: { target: "t/x.csv", up: "../x", empty: "" }, page: { number: 2 } };
  return nameSaved({ ...file, ...more }, { path: "out", ...options }, variables).to;
}

test.each([
  [{}, "out/day/a.csv.gz"],
  [{ path: "/" }, "/day/a.csv.gz"],
  [{ path: "out/" }, "out/day/a.csv.gz"],
  [{ from: "in" }, "out/day/a.csv.gz"],
  [{ from: "in/day/" }, "out/a.csv.gz"],
  [{ name: "{{files.target}}" }, "out/t/x.csv"],
  [{ path: "out/{{page.number}}", name: "part.csv" }, "out/2/part.csv"],
])("%j puts a file at `%s`", (options, expected) => {
  expect(toOf(options)).toBe(expected);
});

test("a file that was unpacked has the name of what came out, in the folder of what went in", () => {
  expect(toOf({}, { innerName: "a.csv" })).toBe("out/day/a.csv");
  expect(toOf({}, { innerName: "sub/entry.csv" })).toBe("out/day/sub/entry.csv");
});

test.each([
  [{ name: "{{files.up}}" }, "VARIABLE_UNRESOLVED"],
  [{ path: "out/{{files.up}}" }, "VARIABLE_UNRESOLVED"],
  [{ name: "../up" }, "VALUE_INVALID"],
  [{ name: "/etc/passwd" }, "VALUE_INVALID"],
  [{ name: "a//b" }, "VALUE_INVALID"],
  [{ name: "a/./b" }, "VALUE_INVALID"],
  [{ name: String.raw`..\b` }, "VALUE_INVALID"],
  [{ name: "a\0b" }, "VALUE_INVALID"],
  [{ from: "other" }, "VALUE_INVALID"],
  [{ name: "{{files.empty}}" }, "VARIABLE_UNRESOLVED"],
  [{ name: "{{token.value}}" }, "VARIABLE_UNRESOLVED"],
  [{ name: "{{files.none?}}" }, "VARIABLE_UNRESOLVED"],
] as const)("%j is no name of a file", (options, code) => {
  expectThrown(() => toOf(options), code);
});
