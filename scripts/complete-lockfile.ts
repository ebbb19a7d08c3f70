// Adds to `package-lock.json` the optional packages of other platforms that a partial registry mirror left out,
// because `npm ci` refuses a lock file that lacks one of them. Run it after `npm install` behind such a mirror.
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { completeLockfile, type Lockfile } from "./lockfile.ts";

const path = resolve(import.meta.dirname, "..", "package-lock.json");
const lockfile = JSON.parse(await readFile(path, "utf8")) as Lockfile;
const added = completeLockfile(lockfile);
await writeFile(path, `${JSON.stringify(lockfile, undefined, 2)}\n`);
console.log(added.length === 0 ? "the lock file is complete" : `added ${added.length}: ${added.join(", ")}`);
