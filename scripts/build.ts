// `npm run build`: an empty `dist/`, the compiled package with its web UI, a command that can be executed, and what editors need
// for a configuration in JSON and for jobs in YAML.
import { chmod, copyFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { toOptionsSchema } from "../src/core/spec/to-json-schema.ts";
import { projectSpec } from "../src/project/project-options.ts";
import { bundlePackage } from "./build/bundle-package.ts";
import { runCommand } from "./phase-runner.ts";

const outputFolder = resolve(import.meta.dirname, "..", "dist");
/** A gate holds it to the specs. */
const jobSchema = resolve(import.meta.dirname, "..", "docs/reference/job.schema.json");

await rm(outputFolder, { recursive: true, force: true });
let code = await runCommand(["tsc", "-p", "tsconfig.build.json", "--emitDeclarationOnly"]);
if (code === 0) await bundlePackage(outputFolder);
if (code === 0) code = await runCommand(["node", "scripts/build-web.ts"]);
if (code === 0) {
  await chmod(join(outputFolder, "cli", "main.js"), 0o755);
  const schema = toOptionsSchema(projectSpec.schema);
  await writeFile(join(outputFolder, "config.schema.json"), `${JSON.stringify(schema, undefined, 2)}\n`);
  await copyFile(jobSchema, join(outputFolder, "job.schema.json"));
}
process.exitCode = code;
