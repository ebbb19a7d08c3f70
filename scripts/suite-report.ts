// What one run of a Vitest project came to, read from the file that its JSON reporter writes.
import { readFile } from "node:fs/promises";
import { relative } from "node:path";

export interface SuiteReport {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Each failed test, and each file that failed without one: it cannot be loaded, or leaves something behind. */
  readonly failures: readonly TestFailure[];
}

export interface TestFailure {
  /** Below the root of the repository. */
  readonly file: string;
  readonly test: string;
  /** What was thrown first, in at most some lines: what frames of packages say helps nobody. */
  readonly message: string;
}

/** The counts and results, as the JSON reporter of Vitest writes them. */
interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[] | null;
    }[];
  }[];
}

const messageLines = 12;

/** Undefined when the run ended before it wrote one. */
export async function readSuiteReport(path: string, root: string): Promise<SuiteReport | undefined> {
  let report: VitestReport;
  try {
    report = JSON.parse(await readFile(path, "utf8")) as VitestReport;
  } catch {
    return undefined;
  }
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: report.testResults.flatMap((result) => failuresOf(result, relative(root, result.name))),
  };
}

function failuresOf(result: VitestReport["testResults"][number], file: string): readonly TestFailure[] {
  const failed = result.assertionResults.filter(({ status }) => status === "failed");
  if (failed.length === 0 && result.status === "failed") {
    return [{ file, test: "the file as a whole", message: shorten(result.message) }];
  }
  return failed.map(({ fullName, failureMessages }) => ({
    file,
    test: fullName,
    message: shorten(failureMessages?.[0] ?? ""),
  }));
}

function shorten(message: string): string {
  return message
    .split("\n")
    .filter((line) => !line.includes("node_modules/"))
    .slice(0, messageLines)
    .join("\n");
}
