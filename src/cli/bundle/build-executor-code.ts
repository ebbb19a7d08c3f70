// Makes the two files that executors run: what starts processes, which is small and the same for all jobs, and the module of one job,
// without what of Millrace it does not use.
import { packageModule } from "./bundle-entry.ts";
import { type BuiltBundle, bundleModule } from "./build-bundle.ts";

export interface BuildExecutorCodeOptions {
  /** Of the project. */
  readonly root: string;
  /** Absolute. */
  readonly file: string;
  /** Of this package. */
  readonly version: string;
}

/** Two files of JavaScript. */
export interface BuiltExecutorCode {
  readonly runner: Uint8Array;
  readonly code: Uint8Array;
}

/** @throws MillraceError `BUNDLE_FAILED` | `MODULE_OUTSIDE_PROJECT` with file, line and column | `DEPENDENCY_MISSING` */
export async function buildExecutorCode({ root, file, version }: BuildExecutorCodeOptions): Promise<BuiltExecutorCode> {
  const build = async (entry: string): Promise<BuiltBundle> =>
    await bundleModule({ root, entry, version, isWhole: false });
  const runner = await runnerOf(`${root} ${version}`, async () => await build(runnerEntry()));
  const code = await build(`export { default } from ${JSON.stringify(file)};\n`);
  return { runner: Buffer.from(runner.text), code: Buffer.from(code.text) };
}

const runners = new Map<string, BuiltBundle>();

/** The same for all runs of a process; building it takes as long as some jobs. */
async function runnerOf(key: string, build: () => Promise<BuiltBundle>): Promise<BuiltBundle> {
  const known = runners.get(key) ?? (await build());
  runners.set(key, known);
  return known;
}

function runnerEntry(): string {
  const serve = JSON.stringify(packageModule("compute/spark/executors/serve-executor"));
  return `import { serveExecutor } from ${serve};\nawait serveExecutor({ file: import.meta.filename });\n`;
}
