// Styles of the web UI that no element has any more are taken away with it.
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { findUnusedClasses, type TextFile } from "./support/gates/style-classes.ts";

const folder = resolve(import.meta.dirname, "..", "src", "web");

test("every class of the style sheets is given to an element", async () => {
  const styles = await readFiles(/\.css$/);
  const components = await readFiles(/(?<!\.test)\.tsx?$|\.html$/);
  expect(styles.length).toBeGreaterThan(10);
  expect(components.length).toBeGreaterThan(100);
  expect(findUnusedClasses(styles, components)).toEqual([]);
});

test("a planted class without an element is found, and one whose name is put together is not", () => {
  const styles = [{ path: "a.css", text: "/* .old */ @media (x) { .left > .gone:hover { } .tone-good { } .b { } }" }];
  const components = [{ path: "a.tsx", text: 'className="left b" className={`tone-${tone}`}' }];
  expect(findUnusedClasses(styles, components)).toEqual(["a.css: no component has the class `gone`"]);
});

async function readFiles(names: RegExp): Promise<TextFile[]> {
  const paths = (await readdir(folder, { recursive: true })).filter((path) => names.test(path)).toSorted();
  return await Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(folder, path), "utf8") })));
}
