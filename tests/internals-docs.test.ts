// docs/internals is about the source as it is: what it names is there, its walks have no holes, its tables are the real ones.
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { allowedImports, roots } from "./support/gates/architecture.ts";
import { parseDirections, parsePlaces, parseRooms, parseRoots } from "./support/gates/architecture-page.ts";
import { findDeadNames, findHoles, parseWalks } from "./support/gates/code-links.ts";
import type { Document } from "./support/gates/doc-links.ts";

const repositoryRoot = resolve(import.meta.dirname, "..");
const source = join(repositoryRoot, "src");
const internals = join(repositoryRoot, "docs/internals");
const documents = await Promise.all((await readdir(internals)).map((name) => readDocument(name)));
const walks = await readDocument("walks.md");
const architecture = (await readDocument("architecture.md")).text;

test("every function that docs/internals links to is exported by its file", async () => {
  expect(documents.length).toBeGreaterThan(3);
  expect(await findDeadNames(documents, readSource)).toEqual([]);
});

test("each step of a walk hangs together with one before it", async () => {
  const steps = parseWalks(walks);
  const titles = walks.text.split("\n").filter((line) => line.startsWith("## "));
  expect(titles).toHaveLength(4);
  expect(steps.length).toBeGreaterThanOrEqual(12);
  expect(steps.flat().length).toBeGreaterThan(60);
  expect(await findHoles(walks, readSource)).toEqual([]);
});

test("the page of the architecture names every folder and root of `src`, and no other", async () => {
  const entries = await readdir(source, { withFileTypes: true });
  const present = entries
    .filter((entry) => entry.isDirectory() || !entry.name.includes(".test."))
    .map(({ name }) => name);
  expect(parsePlaces(architecture).toSorted()).toEqual(present.toSorted());
});

test("the page of the architecture names every room of the folders that have some", async () => {
  const rooms = parseRooms(architecture);
  expect(rooms.size).toBeGreaterThan(5);
  for (const [folder, named] of rooms) {
    const entries = await readdir(join(source, folder), { withFileTypes: true });
    const present = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect({ folder, rooms: named.toSorted() }).toEqual({ folder, rooms: present.toSorted() });
  }
});

test("the page of the architecture has the directions of imports that the gate holds", () => {
  const told = Object.fromEntries([...parseDirections(architecture)].map(([from, to]) => [from, to.toSorted()]));
  expect(told).toEqual(Object.fromEntries(Object.entries(allowedImports).map(([from, to]) => [from, to.toSorted()])));
  expect(parseRoots(architecture).toSorted()).toEqual(roots.toSorted());
});

test("a planted step that is not exported, has no file or is led to by nothing is found", async () => {
  const files: Record<string, string> = {
    "src/a.ts": "export function begin(): void {\n  middle();\n}\n",
    "src/b.ts": "export class Thing {\n  middle(): void {}\n}\nfunction hidden(): void {}\n",
    "src/c.ts": "export const end = 1;\n",
  };
  const read = (path: string): Promise<string | undefined> => Promise.resolve(files[path]);
  const planted: Document = {
    path: "docs/x.md",
    text: "# X\n\n1. [`begin`](../src/a.ts): one\n2. [`Thing.middle`](../src/b.ts): two\n3. [`end`](../src/c.ts): three\n\n[`hidden`](../src/b.ts) [`gone`](../src/d.ts)\n",
  };
  expect(await findDeadNames([planted], read)).toEqual([
    "docs/x.md: no `hidden` in src/b.ts",
    "docs/x.md: no file `src/d.ts`",
  ]);
  expect(await findHoles(planted, read)).toEqual(["docs/x.md: nothing leads to `end` in src/c.ts"]);
});

test("a planted room, place and direction are read from their tables", () => {
  const page =
    "# A\n\n## Folders\n\n| place | holds |\n| --- | --- |\n| `src/a.ts`, `src/b/` | things |\n\n## Rooms\n\n| folder | rooms |\n| --- | --- |\n| `b` | **one**: x · **two-three**: y |\n\n## Direction\n\n| folder | may import |\n| --- | --- |\n| `b`, `c` | `a`, `d` |\n| roots: `a.ts` | everything |\n";
  expect(parsePlaces(page)).toEqual(["a.ts", "b"]);
  expect(parseRooms(page)).toEqual(new Map([["b", ["one", "two-three"]]]));
  expect(parseDirections(page)).toEqual(
    new Map([
      ["b", ["a", "d"]],
      ["c", ["a", "d"]],
    ]),
  );
  expect(parseRoots(page)).toEqual(["a.ts"]);
});

async function readDocument(name: string): Promise<Document> {
  return { path: `docs/internals/${name}`, text: await readFile(join(internals, name), "utf8") };
}

function readSource(path: string): Promise<string | undefined> {
  return readFile(join(repositoryRoot, path), "utf8").catch(() => undefined);
}
