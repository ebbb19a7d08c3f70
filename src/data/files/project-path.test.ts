import { mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { resolveProjectPath, resolveTargetPath } from "./project-path.ts";

let folder: string;
let paths: { root: string; lake: string };
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "millrace-paths-")));
  paths = { root: join(folder, "project"), lake: join(folder, "project/lake") };
  await mkdir(join(folder, "elsewhere"), { recursive: true });
  await mkdir(join(paths.root, "inside"), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const outside = { code: "VALUE_INVALID", message: expect.stringContaining("must stay in the project") };

/** Links by name, with what they lead to from the project's folder. */
async function link(links: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, to] of Object.entries(links)) await symlink(to, join(paths.root, name));
}

test.each([
  ["a folder outside", { out: "../elsewhere" }, "out/t.db"],
  ["a folder outside, deep below", { out: "../elsewhere" }, "out/a/b/t.db"],
  ["a file outside that is not there yet", { "t.db": "../elsewhere/new.db" }, "t.db"],
  ["a folder outside that is not there yet", { out: "../elsewhere/new" }, "out/t.db"],
  ["a link inside that leads outside", { one: "two", two: "../elsewhere" }, "one/t.db"],
  ["an absolute place", { out: "/" }, "out/t.db"],
])("a relative path of a target may not follow a link to %s", async (_name, links, path) => {
  await link(links);
  expect(() => resolveTargetPath(paths, path)).toThrow(expect.objectContaining(outside));
});

test("links within the project may be followed, and what is not there yet is no trouble", async () => {
  await link({ out: "inside", later: "inside/new" });
  for (const path of ["out/t.db", "later/t.db", "none/at/all.db"]) {
    expect(resolveTargetPath(paths, path)).toBe(join(paths.root, path));
  }
});

test("the lake may be a link, since the configuration names it", async () => {
  await link({ lake: "../elsewhere" });
  expect(resolveTargetPath(paths, "lake/t")).toBe(join(paths.root, "lake/t"));
});

test("an absolute path is meant, whatever links are on it", async () => {
  await link({ out: "../elsewhere" });
  expect(resolveTargetPath(paths, join(paths.root, "out/t.db"))).toBe(join(paths.root, "out/t.db"));
});

test("links that lead in a circle are told", async () => {
  await link({ one: "two", two: "one" });
  expect(() => resolveTargetPath(paths, "one/t.db")).toThrow(expect.objectContaining({ code: "VALUE_INVALID" }));
});

test.each(["x\0y", "/x\0", "\0"])("a path with a NUL character is refused: %j", (path) => {
  const refusal = expect.objectContaining({ code: "VALUE_INVALID", message: expect.stringContaining("\\0") });
  expect(() => resolveProjectPath(paths.root, path)).toThrow(refusal);
  expect(() => resolveTargetPath(paths, path)).toThrow(refusal);
});
