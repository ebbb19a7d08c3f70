// The documents do not point at nothing: links lead to files and headings that exist, and so do the proofs of promises.
import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { readDocuments } from "./support/docs/read-documents.ts";
import { findBrokenLinks, findMissingPaths, parseProofs, type Document } from "./support/gates/doc-links.ts";

const repositoryRoot = resolve(import.meta.dirname, "..");
const documents = await readDocuments(repositoryRoot);

test("every relative link in the documents leads to a file, and to a heading where it names one", async () => {
  expect(documents.length).toBeGreaterThan(4);
  expect(await findBrokenLinks(documents, exists)).toEqual([]);
});

test("every page of the docs is in their index", () => {
  const index = documents.find(({ path }) => path === "docs/README.md")?.text ?? "";
  const pages = documents.map(({ path }) => path).filter((path) => path.startsWith("docs/"));
  const missing = pages.filter(
    (path) => path !== "docs/README.md" && !index.includes(`](${path.slice("docs/".length)})`),
  );
  expect(missing).toEqual([]);
});

test("every path of the repository that a document names in backticks is there", async () => {
  const told = documents.filter(({ path }) => path !== "CHANGELOG.md");
  expect(await findMissingPaths(told, exists)).toEqual([]);
});

test("every proof that docs/reference/guarantees.md names is a test file", async () => {
  const guarantees = documents.find(({ path }) => path === "docs/reference/guarantees.md");
  const proofs = parseProofs(guarantees?.text ?? "");
  expect(proofs.length).toBeGreaterThan(0);
  const absent: string[] = [];
  for (const { promise, path } of proofs) {
    if (path !== undefined && !(await exists(path))) absent.push(`${promise}: ${path}`);
  }
  expect(absent).toEqual([]);
});

test("planted links to nowhere are found", async () => {
  const planted: Document[] = [
    {
      path: "docs/a.md",
      text: "# A\n[one](b.md) [two](b.md#no-such) [three](gone.md) [four](#a) [five](https://x.test/y)",
    },
    { path: "docs/b.md", text: "# B\n\n## Some `code` here\n[six](a.md#a) [seven](#some-code-here) [eight](#nothing)" },
  ];
  const isPlanted = (path: string): Promise<boolean> =>
    Promise.resolve(planted.some((document) => document.path === path));
  expect(await findBrokenLinks(planted, isPlanted)).toEqual([
    "docs/a.md: no heading for `b.md#no-such`",
    "docs/a.md: no file for `gone.md`",
    "docs/b.md: no heading for `#nothing`",
  ]);
});

test("a planted path that is not there is found, a pattern is not looked for", async () => {
  const text = "`src/app.ts`, `src/gone.ts`, `src/*.ts` and `docs/`";
  const isPlanted = (path: string): Promise<boolean> => Promise.resolve(path === "src/app.ts" || path === "docs/");
  expect(await findMissingPaths([{ path: "a.md", text }], isPlanted)).toEqual(["a.md: no `src/gone.ts`"]);
});

test("a row of the guarantees without a proof says so, in words", () => {
  expect(
    parseProofs("| P1 | a promise | not yet |\n| S2 | another | `tests/e2e/x.test.ts` |\n| P3 | third | |"),
  ).toEqual([
    { promise: "P1", path: undefined },
    { promise: "S2", path: "tests/e2e/x.test.ts" },
    { promise: "P3", path: "(no proof and no “not yet”)" },
  ]);
});

function exists(path: string): Promise<boolean> {
  return access(join(repositoryRoot, path)).then(
    () => true,
    () => false,
  );
}
