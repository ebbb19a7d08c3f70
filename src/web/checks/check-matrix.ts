// Check results as a matrix: a row a check, a column a run, the newest column first. A column is one run of one job, so
// rows of other jobs have no cell in it; empty columns do not exist.
import { type CheckRow } from "../../api/datasets/dataset.ts";

export type CheckResult = CheckRow["results"][number];

export type CheckVerdict = "passed" | "warned" | "quarantined" | "blocked";

export interface CheckGroup {
  readonly dataset: string;
  readonly jobName: string;
  readonly runs: readonly { readonly runId: string; readonly at: string }[];
  readonly rows: readonly {
    readonly check: CheckRow;
    /** In the order of `runs`; null where the run did not evaluate it. */
    readonly cells: readonly (CheckResult | null)[];
  }[];
  readonly failing: number;
}

/** A matrix for each dataset and the job that writes it; those whose newest results fail come first, then by name. */
export function groupChecks(checks: readonly CheckRow[], maxRuns = 30): readonly CheckGroup[] {
  const groups = [...Map.groupBy(checks, (check) => `${check.dataset}\n${check.job_name}`).values()];
  return groups
    .map((rows) => toGroup(rows, maxRuns))
    .toSorted((a, b) => Number(b.failing > 0) - Number(a.failing > 0) || a.dataset.localeCompare(b.dataset));
}

/** What a result did to the run, from the check's severity. */
export function verdictOf(check: CheckRow, result: CheckResult): CheckVerdict {
  if (result.passed) return "passed";
  return ({ block: "blocked", warn: "warned", quarantine: "quarantined" } as const)[check.severity];
}

/** Only checks whose newest result fails. */
export function onlyFailing(checks: readonly CheckRow[]): readonly CheckRow[] {
  return checks.filter((check) => check.results[0]?.passed === false);
}

function toGroup(rows: readonly CheckRow[], maxRuns: number): CheckGroup {
  const atByRun = new Map(rows.flatMap((row) => row.results.map((result) => [result.run_id, result.at] as const)));
  const runs = [...atByRun]
    .map(([runId, at]) => ({ runId, at }))
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
    .slice(0, maxRuns);
  return {
    dataset: rows[0]?.dataset ?? "",
    jobName: rows[0]?.job_name ?? "",
    runs,
    rows: rows.map((check) => {
      const byRun = new Map(check.results.map((result) => [result.run_id, result]));
      return { check, cells: runs.map(({ runId }) => byRun.get(runId) ?? null) };
    }),
    failing: onlyFailing(rows).length,
  };
}
