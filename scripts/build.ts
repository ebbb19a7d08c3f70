// `npm run build`: an empty `dist/`, the compiled package with its web UI, and a command that can be executed.
import { chmod, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { runCommand } from "./phase-runner.ts";

const outputFolder = resolve(import.meta.dirname, "..", "dist");

await rm(outputFolder, { recursive: true, force: true });
let code = await runCommand(["tsc", "-p", "tsconfig.build.json"]);
if (code === 0) code = await runCommand(["node", "scripts/build-web.ts"]);
if (code === 0) await chmod(join(outputFolder, "cli", "main.js"), 0o755);
process.exitCode = code;
