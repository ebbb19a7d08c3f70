// The table of error codes, its page in the docs and their use in the source say the same.
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { errorCodes } from "../src/core/errors/error-codes.ts";
import { readSourceFiles } from "./support/gates/architecture.ts";
import { findCodeMentions, findDifferences, parseErrorDocs, type ErrorRow } from "./support/gates/error-docs.ts";

const repositoryRoot = resolve(import.meta.dirname, "..");
const documented = parseErrorDocs(await readFile(join(repositoryRoot, "docs/reference/errors.md"), "utf8"));
const declared = Object.entries(errorCodes).map(([code, [disposition, origin]]): ErrorRow => ({
  code,
  disposition,
  origin,
}));
const source = (await readSourceFiles(repositoryRoot, ["src"])).filter(
  ({ path }) => !path.endsWith(".test.ts") && path !== "src/core/errors/error-codes.ts",
);

test("docs/reference/errors.md lists exactly the codes of the source, with their origin and disposition", () => {
  expect(documented.length).toBeGreaterThan(0);
  expect(findDifferences(declared, documented)).toEqual([]);
});

test("every row of docs/reference/errors.md says what happened and what to do", () => {
  const incomplete = documented.filter((row) => !row.happened || !row.remedy).map((row) => row.code);
  expect(incomplete).toEqual([]);
});

test("every declared code is raised somewhere in the source", () => {
  const used = new Set(source.flatMap((file) => findCodeMentions(file.text, Object.keys(errorCodes))));
  expect(declared.map(({ code }) => code).filter((code) => !used.has(code))).toEqual([]);
});

test("a planted code without documentation, without declaration or with another disposition is found", () => {
  const rows: ErrorRow[] = [
    { code: "A", disposition: "fail", origin: "config" },
    { code: "B", disposition: "retry", origin: "millrace" },
  ];
  const docs: ErrorRow[] = [
    { code: "B", disposition: "fail", origin: "millrace" },
    { code: "C", disposition: "fail", origin: "millrace" },
  ];
  expect(findDifferences(rows, docs)).toEqual([
    "`A` is not documented in docs/reference/errors.md",
    "`B` is documented as `fail, millrace`, the source says `retry, millrace`",
    "`C` is documented but not declared in src/core/errors/error-codes.ts",
  ]);
});

test("a planted second row for one code is found", () => {
  const row: ErrorRow = { code: "A", disposition: "fail", origin: "config" };
  expect(findDifferences([row], [row, row])).toEqual(["`A` is documented 2 times"]);
});

test("a code counts as used only as a string literal", () => {
  expect(findCodeMentions('new MillraceError("A_B", "…"); // C_D', ["A_B", "C_D", "A"])).toEqual(["A_B"]);
});
