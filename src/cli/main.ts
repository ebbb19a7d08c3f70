#!/usr/bin/env node
// The entry of the command line. Looks at the Node version before anything is loaded that an old one does not have.
// As a whole, since a module that lacks a name which is imported does not even begin: Node 20 has no `enableCompileCache`.
import nodeModule from "node:module";
import { exitCodes } from "./exit-codes.ts";
import { quietSqlite } from "./quiet-sqlite.ts";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 22)) {
  process.stderr.write(`error: millrace needs Node.js 22.22 or newer, got: ${process.versions.node}\n`);
  process.exit(exitCodes.usage);
}

// A command loads several hundred modules. Node keeps them compiled in the temporary folder, and goes without where it cannot.
nodeModule.enableCompileCache();

quietSqlite();

const { runProgram } = await import("./program.ts");
const exitCode = await runProgram(process.argv.slice(2));
// Everything of ours is closed, but a handler that did not heed its signal may still hold timers or connections:
// leave as soon as what was printed is on its way.
process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));
