// `npm ci` works on every platform only if the lock file names the optional packages of all of them.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { completeLockfile, findMissingOptionals, lockfilePaths, type Lockfile } from "../scripts/lockfile.ts";

test.each(lockfilePaths)("`%s` names every optional package", async (path) => {
  const lockfile = JSON.parse(await readFile(resolve(import.meta.dirname, "..", path), "utf8")) as Lockfile;
  expect(Object.keys(lockfile.packages).length).toBeGreaterThan(10);
  expect(findMissingOptionals(lockfile)).toEqual([]);
});

test("a planted gap in the lock file is found and filled with the platform that the name says", () => {
  const optionalDependencies = {
    "tool-linux-x64-musl": "1.0.0",
    "@tool/win32-arm64": "1.0.0",
    "tool-linux-x64": "1.0.0",
  };
  const lockfile: Lockfile = {
    packages: {
      "node_modules/tool": { version: "1.0.0", dev: true, optionalDependencies },
      "node_modules/tool-linux-x64": { version: "1.0.0" },
    },
  };
  expect(completeLockfile(lockfile)).toEqual(["tool-linux-x64-musl", "@tool/win32-arm64"]);
  expect(lockfile.packages["node_modules/tool-linux-x64-musl"]).toEqual({
    version: "1.0.0",
    cpu: ["x64"],
    libc: ["musl"],
    os: ["linux"],
    dev: true,
    optional: true,
  });
  expect(lockfile.packages["node_modules/@tool/win32-arm64"]).toMatchObject({ cpu: ["arm64"], os: ["win32"] });
  expect(findMissingOptionals(lockfile)).toEqual([]);
});
