// What the checks of a run found, from its history: an attempt that died after it had published is told of, too.
import { parseRunId, type RunId } from "../../core/run-id.ts";
import type { NewNotice } from "../../core/notification/notice.ts";
import { listVerdicts } from "../browse/check-results.ts";
import type { CheckRecord } from "../browse/browse-store.ts";
import type { Script } from "../rows/script.ts";

/** The notices with what the checks found; those of runs whose checks found nothing are left out. */
export function* withFindings(notices: readonly NewNotice[]): Script<readonly NewNotice[]> {
  const runs = notices.flatMap(({ isFromChecks, run }) =>
    isFromChecks === true && run !== undefined ? [parseRunId(run)] : [],
  );
  if (runs.length === 0) return notices;
  const verdicts = Map.groupBy(yield* listVerdicts(runs), ({ runId }) => runId);
  return notices.flatMap((notice) => (notice.isFromChecks === true ? fill(notice, verdicts) : [notice]));
}

function fill(notice: NewNotice, verdicts: ReadonlyMap<RunId, readonly CheckRecord[]>): NewNotice[] {
  const own = notice.run === undefined ? [] : (verdicts.get(parseRunId(notice.run)) ?? []);
  const found = own.flatMap(describeRecord);
  if (found.length === 0) return [];
  const names = [...new Set(found.map(({ name }) => name))].toSorted().join(" ");
  const isBlocking = found.some((finding) => finding.isBlocking);
  return [
    {
      ...notice,
      key: `quality:${names}`,
      severity: isBlocking ? "error" : notice.severity,
      message: found
        .slice(0, maxFindings)
        .map(({ text }) => text)
        .join("\n"),
      hint: found.some(({ isAside }) => isAside)
        ? "`millrace quarantine` shows the rows that were set aside"
        : "`millrace show` of the run has every check",
    },
  ];
}

const maxFindings = 20;

interface Finding {
  readonly name: string;
  readonly text: string;
  readonly isBlocking: boolean;
  readonly isAside: boolean;
}

function describeRecord({ dataset, results, setAside }: CheckRecord): Finding[] {
  const failed = results.filter(({ passed }) => !passed);
  const aside = setAside.map(({ data }) => rowsOf(data)).reduce((sum, rows) => sum + rows, 0);
  return [
    ...failed.map(({ name, severity }) => ({
      name: `${dataset}.${name}`,
      text: `check \`${name}\` of dataset \`${dataset}\` failed (${severity})`,
      isBlocking: severity === "block",
      isAside: false,
    })),
    ...(aside === 0
      ? []
      : [
          {
            name: `${dataset}.quarantine`,
            text: `${aside} ${aside === 1 ? "row" : "rows"} of dataset \`${dataset}\` set aside`,
            isBlocking: false,
            isAside: true,
          },
        ]),
  ];
}

function rowsOf(data: unknown): number {
  const rows: unknown = typeof data === "object" && data !== null && "rows" in data ? data.rows : 0;
  return typeof rows === "number" ? rows : 0;
}
