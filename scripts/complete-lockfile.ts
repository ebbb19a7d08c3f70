// Adds to the lock files the optional packages of other platforms that a partial registry mirror left out, because `npm ci`
// refuses a lock file that lacks one of them. Run it after `npm install` behind such a mirror.
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { completeLockfile, lockfilePaths, type Lockfile } from "./lockfile.ts";

for (const lockfilePath of lockfilePaths) {
  const path = resolve(import.meta.dirname, "..", lockfilePath);
  const lockfile = JSON.parse(await readFile(path, "utf8")) as Lockfile;
  const added = completeLockfile(lockfile);
  if (added.length > 0) await writeFile(path, `${JSON.stringify(lockfile, undefined, 2)}\n`);
  console.log(`${lockfilePath}: ${added.length === 0 ? "complete" : `added ${added.length}: ${added.join(", ")}`}`);
}
