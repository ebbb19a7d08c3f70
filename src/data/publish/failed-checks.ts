// Acts on checks that failed: it warns, or it ends the publication and keeps the rows for a person.
import { cp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { CheckResult } from "../../core/dataset/check.ts";
import { countOf } from "../../core/count-of.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { formatRunId } from "../../core/run-id.ts";
import { type Audit, type AuditInput, saveSamples } from "../checks/audit.ts";
import { makeFolder } from "../files/file-system.ts";
import type { DataPaths, PublishScope } from "./publish-scope.ts";
import type { RowOrigin } from "./stage-publication.ts";
import { failedFolder, removeIfEmpty } from "../files/staging-folders.ts";

export interface AuditedRows {
  readonly dataset: string;
  readonly scope: PublishScope;
  readonly audit: Audit;
  readonly auditInput: AuditInput;
  readonly origin: RowOrigin;
  /** Staging folder of the publication; it moves away when a blocking check failed. */
  readonly folder: string;
  /** Where the staged rows are, when they are not in `folder`. */
  readonly place: string;
  /** Whether nobody may look at the rows, so that they are not kept. */
  readonly isSealed: boolean;
  /** Takes one line for each failed check that only warns. */
  readonly warnings: string[];
}

/** @throws MillraceError `CHECKS_FAILED` with every blocking check that failed; the hint says where the rows are */
export async function assertChecks(rows: AuditedRows): Promise<void> {
  const { dataset, scope, audit, folder, place, warnings } = rows;
  const failed = audit.results.filter(({ passed }) => !passed);
  for (const { name, severity, detail } of failed) {
    if (severity === "warn") warnings.push(`check \`${name}\` of dataset \`${dataset}\`: ${detail}`);
  }
  const blocking = failed.filter(({ severity }) => severity === "block");
  if (blocking.length === 0) return;
  if (rows.isSealed) throw checksFailed(dataset, blocking, undefined);
  await saveSamples(rows.auditInput, failed, join(folder, "samples"));
  await writeFile(join(folder, "about.json"), describeRows(rows));
  await rm(join(folder, "spool"), { recursive: true, force: true });
  const kept = failedFolder(scope.paths.staging, dataset);
  await makeFolder(dirname(kept));
  await rm(kept, { recursive: true, force: true });
  if (place !== folder) {
    await cp(place, folder, { recursive: true });
    await rm(place, { recursive: true, force: true });
  }
  await rename(folder, kept);
  throw checksFailed(dataset, blocking, relative(scope.paths.root, kept));
}

/** Deletes the rows that an earlier failure kept, which nobody needs once the dataset is published. */
export async function removeFailedRows(paths: DataPaths, dataset: string): Promise<void> {
  const kept = failedFolder(paths.staging, dataset);
  await rm(kept, { recursive: true, force: true });
  await removeIfEmpty(dirname(kept));
}

/** Says which run set the rows aside, for a person who finds them later. */
function describeRows({ dataset, scope, audit, auditInput, origin }: AuditedRows): string {
  const { run } = scope;
  const about = {
    dataset,
    run: formatRunId(run.id),
    job: run.job,
    at: new Date(auditInput.nowMs).toISOString(),
    file: origin.file ?? null,
    rows: audit.rowCount,
  };
  return `${JSON.stringify(about, null, 2)}\n`;
}

function checksFailed(dataset: string, failed: readonly CheckResult[], kept: string | undefined): MillraceError {
  const list = failed.map(({ name, failingRows }) => `\`${name}\` (${countOf(failingRows, "row")})`).join(", ");
  return new MillraceError("CHECKS_FAILED", `checks of dataset \`${dataset}\` failed: ${list}`, {
    hint:
      kept === undefined
        ? "nothing was published; the rows are credentials and were not kept"
        : `nothing was published; the staged rows and samples of the failing ones are in \`${kept}\``,
    details: {
      dataset,
      checks: failed.map((result) => ({ ...result })),
      ...(kept === undefined ? {} : { staging: kept }),
    },
  });
}
