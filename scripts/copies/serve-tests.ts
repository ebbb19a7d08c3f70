// The test runner of one copy of the repository, which stays while faults come and go: `node serve-tests.ts` with the copy as its
// working folder. Each run has new processes, as with `vitest run`; what stays is the runner itself and what it compiled.
import { Writable } from "node:stream";
import { createVitest, type Vitest } from "vitest/node";

/** What `vitest run` was to be given, and the files that are no longer as they were. */
export interface TestRequest {
  readonly project: string;
  /** Parts of paths; a file with one of them is run. */
  readonly files: readonly string[];
  /** Only tests that have this in their name. */
  readonly title: string | undefined;
  /** Whether the first failed test ends the run. */
  readonly bail: boolean;
  /** Absolute. */
  readonly changed: readonly string[];
}

/** What `vitest run` would have exited with and printed. */
export interface TestAnswer {
  readonly code: number;
  readonly output: string;
}

const runners = new Map<string, Promise<Vitest>>();
let printed = "";

process.on("message", (request: TestRequest) => {
  void answer(request).then((result) => process.send?.(result));
});
process.once("disconnect", () => {
  void Promise.all([...runners.values()].map(async (runner) => await (await runner).close())).finally(() => {
    process.exit(0);
  });
});

async function answer({ project, files, title, bail, changed }: TestRequest): Promise<TestAnswer> {
  printed = "";
  process.exitCode = 0;
  try {
    for (const runner of runners.values()) for (const file of changed) (await runner).invalidateFile(file);
    const vitest = await runnerOf(project, bail);
    // Results of earlier runs would be told, and counted, again.
    vitest.state.filesMap.clear();
    vitest.state.idMap.clear();
    vitest.clearSpecificationsCache();
    if (title === undefined) vitest.resetGlobalTestNamePattern();
    else vitest.setGlobalTestNamePattern(title);
    const tests = await vitest.globTestSpecifications([...files]);
    await vitest.runTestSpecifications(tests);
  } catch (error) {
    printed += `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
    process.exitCode = 1;
  }
  return { code: process.exitCode, output: printed };
}

function runnerOf(project: string, bail: boolean): Promise<Vitest> {
  const key = `${project} ${String(bail)}`;
  const known = runners.get(key) ?? startRunner(project, bail);
  runners.set(key, known);
  return known;
}

async function startRunner(project: string, bail: boolean): Promise<Vitest> {
  const options = { project: [project], watch: false, bail: bail ? 1 : 0 };
  const vitest = await createVitest("test", options, {}, { stdout: collector(), stderr: collector() });
  await vitest.standalone();
  return vitest;
}

function collector(): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      printed += chunk.toString();
      done();
    },
  });
}
