// Every type that a signature of the package uses can be imported from the same entry, shown over what the build has emitted,
// and planted declarations that prove that the gate can fail.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findForeignModules } from "../support/gates/foreign-modules.ts";
import { findUnreachableTypes, type ReadDeclarations } from "../support/gates/public-types.ts";

const repositoryRoot = join(import.meta.dirname, "../..");
const { exports: entries } = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8")) as {
  readonly exports: Readonly<Record<string, { readonly types?: string }>>;
};
const typed = Object.values(entries).flatMap(({ types }) => types?.replace("./dist/", "") ?? []);

test("the package has entries with types", () => {
  expect(typed).toEqual(["index.d.ts", "client.d.ts", "testing.d.ts"]);
});

test.each(typed)("every type that %s uses can be imported from there", (entry) => {
  // Whoever tests jobs has imported what jobs are made of.
  const besides = entry === "testing.d.ts" ? "index.d.ts" : undefined;
  const read: ReadDeclarations = (path) => {
    const file = join(repositoryRoot, "dist", path);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  };
  expect(findUnreachableTypes(entry, read, besides)).toEqual([]);
});

const planted: Readonly<Record<string, string>> = {
  "index.d.ts": 'export { open } from "./open.js";\nexport type * from "./shown.js";\nexport type { z } from "zod";',
  "open.d.ts": [
    'import type { Hidden, Shown } from "./shown.js";',
    'import type { Aside } from "./aside.js";',
    'import type { z } from "zod";',
    "interface Local<T> { readonly item: T; readonly schema: z.ZodType; }",
    "type Way<T> = Local<T> | undefined;",
    "export declare function open<Item>(shown: Shown<Item>): Promise<Way<Item>>;",
    "export interface Unused { readonly aside: Aside; readonly hidden: Hidden; }",
  ].join("\n"),
  "shown.d.ts": [
    'import type { Aside } from "./aside.js";',
    "export interface Shown<T> extends Base { readonly then: T extends readonly (infer Part)[] ? Part : Aside; }",
    "export interface Base { readonly self: Base; }",
    "export declare class Box { #inner; private secret: Aside; readonly names: { [Key in string]: Key }; }",
  ].join("\n"),
  "aside.d.ts": "export interface Aside {}",
};

test("planted types that nobody can import are found, in signatures alone", () => {
  expect(findUnreachableTypes("index.d.ts", (path) => planted[path])).toEqual([
    "index.d.ts: `open.d.ts#open` uses `open.d.ts#Local`, which the entry does not export",
    "index.d.ts: `shown.d.ts#Shown` uses `aside.d.ts#Aside`, which the entry does not export",
  ]);
});

test("an entry that was not built is no entry without violations", () => {
  expect(() => findUnreachableTypes("index.d.ts", () => undefined)).toThrow(/run the build first/);
});

test("the client needs nothing that a browser has not", () => {
  const read = (path: string): string => readFileSync(join(repositoryRoot, "dist", path), "utf8");
  expect(findForeignModules("client.js", read)).toEqual([]);
  expect(findForeignModules("testing.js", read)).toContainEqual(expect.stringMatching(/^chunks\/.*: node:os$/));
});

test("planted imports of packages and of Node are found, wherever they stand", () => {
  const files: Readonly<Record<string, string>> = {
    "client.js": 'export { a } from "./a/a.js";\nexport * from "zod";',
    "a/a.js": 'import "../b.js";\nexport const a = () => import("node:fs");',
    "b.js": 'import { c } from "../client.js";\nimport path from "node:path";',
  };
  expect(findForeignModules("client.js", (path) => files[path] ?? "")).toEqual([
    "a/a.js: node:fs",
    "b.js: node:path",
    "client.js: zod",
  ]);
});
