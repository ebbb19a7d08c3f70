// Test projects: each kind of test is run by name, and none of them may be empty.
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { LongestFirst } from "./tests/support/longest-first.ts";

/** Makes `import "millrace"` mean `src/index.ts`, in Vite and in the Node processes it starts. */
const sourceCondition = "millrace-source";
const sourceConditions = [sourceCondition, "node", "module", "development|production"];

/** A process runs many files and loads each module once: a file that leaves something behind fails by itself. */
const sharedProcess = { isolate: false } as const;

/** Tests that kill processes, by their names: they wait most of the time, and are a suite of their own. */
const killing = ["tests/{integration,e2e}/**/*{crash,kill}*.test.ts"];

export default defineConfig({
  test: {
    passWithNoTests: false,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      project("unit", ["src/**/!(conformance|conformance.services).test.ts"], 30_000, sharedProcess),
      project("architecture", ["tests/*.test.ts"], 30_000),
      project("conformance", ["tests/conformance/**/*.test.ts", "src/**/conformance.test.ts"], 30_000),
      project("integration", ["tests/integration/**/*.test.ts"], 60_000, { ...sharedProcess, exclude: killing }),
      project("simulation", ["tests/simulation/**/*.test.ts"], 600_000),
      project("golden", ["tests/golden/**/*.test.ts"], 30_000),
      project("e2e", ["tests/e2e/**/*.test.ts"], 180_000, { exclude: killing }),
      project("kills", killing, 180_000),
      project("chaos", ["tests/chaos/**/*.test.ts"], 120_000),
      // One file at a time: they share what is downloaded once.
      project("services", ["tests/services/**/*.services.test.ts", "src/**/*.services.test.ts"], 300_000, {
        fileParallelism: false,
        globalSetup: ["tests/support/postgres/postgres-global-setup.ts", "tests/services/spark/spark-global-setup.ts"],
      }),
    ],
  },
});

function project(
  name: string,
  include: string[],
  testTimeoutMs: number,
  options: TestProjectInlineConfiguration["test"] = {},
): TestProjectInlineConfiguration {
  return {
    resolve: { conditions: sourceConditions },
    ssr: { resolve: { conditions: sourceConditions, externalConditions: [sourceCondition, "node"] } },
    test: {
      name,
      include,
      environment: "node",
      pool: "forks",
      execArgv: [`--conditions=${sourceCondition}`, "--disable-warning=ExperimentalWarning"],
      setupFiles: ["tests/support/leaks.ts"],
      globalSetup: ["tests/support/postgres/postgres-global-setup.ts"],
      testTimeout: testTimeoutMs,
      hookTimeout: testTimeoutMs,
      ...options,
    },
  };
}
