// The page of bad input says of each case what becomes of the run, and names a test that is there.
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { errorCodes } from "../src/core/errors/error-codes.ts";
import { type Dispositions, findWrongCases, parseBadInput } from "./support/gates/bad-input-table.ts";
import { findUnshown } from "./support/gates/feature-table.ts";

const repositoryRoot = resolve(import.meta.dirname, "..");
const path = "docs/internals/bad-input.md";
const codes: Dispositions = Object.fromEntries(
  Object.entries(errorCodes).map(([code, [disposition]]) => [code, disposition]),
);

test("each case of bad input has an outcome, a code with its disposition, a place where it is seen and a test", async () => {
  const cases = parseBadInput({ path, text: await readFile(join(repositoryRoot, path), "utf8") });
  expect(cases.length).toBeGreaterThan(100);
  const read = (file: string): Promise<string | undefined> =>
    readFile(join(repositoryRoot, file), "utf8").catch(() => undefined);
  const unshown = await findUnshown(
    cases.map(({ name, ...row }) => ({ feature: name, ...row })),
    read,
  );
  expect([...unshown, ...(await findWrongCases(cases, codes, read))]).toEqual([]);
});

test("a planted case with an empty cell, another word, a wrong code or a wrong disposition is found", async () => {
  const test = "[a test](../../tests/a.test.ts)";
  const text = [
    "| case | how it comes about | outcome | code | disposition | seen | shown by |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    `| fine | x | failed, and told | \`SOURCE_EMPTY\` | fail | error | ${test} |`,
    `| fine again | x | failed | \`SOURCE_EMPTY\` | retry, since it may come | error | ${test} |`,
    `| nothing | x | kept | none | none | rows | ${test} |`,
    `| unseen | x | failed | \`SOURCE_EMPTY\` | fail |  | ${test} |`,
    `| green | x | passed | none | none | rows | ${test} |`,
    `| unknown | x | failed | \`SOURCE_EMTPY\` | fail | error | ${test} |`,
    `| other | x | failed | \`SOURCE_EMPTY\` | retry | error | ${test} |`,
    `| untold | x | failed | \`SQL_INVALID\` | fail | error | ${test} |`,
    `| silent | x | skipped | none | fail | error | ${test} |`,
    "| without | x | failed | `SOURCE_EMPTY` | fail | error |  |",
  ].join("\n");
  const cases = parseBadInput({ path, text });
  const read = (): Promise<string> => Promise.resolve('test("a test", () => expectCode("SOURCE_EMPTY"));');
  expect(await findWrongCases(cases, codes, read)).toEqual([
    "`unseen`: no `seen`",
    "`green`: `passed` is no outcome",
    "`unknown`: unknown code `SOURCE_EMTPY`",
    "`other`: expected disposition `fail` of `SOURCE_EMPTY`, got: `retry`",
    "`untold`: no test of it mentions `SQL_INVALID`",
    "`silent`: a disposition without a code",
    "`without`: no test of it mentions `SOURCE_EMPTY`",
  ]);
});
