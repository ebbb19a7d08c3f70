// Rows that `quarantine` checks set aside, as a dataset of their own beside the one they are missing from.
import { join } from "node:path";
import type { EngineSession } from "../compute/engine.ts";
import type { DatasetOutput } from "../core/dataset.ts";
import { auditRows } from "./audit.ts";
import { quarantineDataset } from "./dataset-output.ts";
import type { PublishJournal } from "./publish-journal.ts";
import type { PublishScope } from "./publish-scope.ts";
import { planShape } from "./publish-shape.ts";
import { chooseStagingPlace } from "./staging-place.ts";
import { publishStaged } from "./publish-staged.ts";
import { type SetAside, stagePublication } from "./stage-publication.ts";
import { openTargets } from "./targets/open-targets.ts";

export interface PublishAsideInput {
  readonly session: EngineSession;
  readonly scope: PublishScope;
  /** Of the dataset whose rows they would have been. */
  readonly output: DatasetOutput;
  readonly folder: string;
  readonly journal: PublishJournal;
}

/**
 * Publishes the rows that were set aside, also when there are none, so that those of an earlier run are not taken for today's.
 * @returns how many rows
 */
export async function publishAside(input: PublishAsideInput, aside: SetAside): Promise<number> {
  const { output, scope, session, folder, journal } = input;
  const asideOutput = toAsideOutput(output);
  const targets = openTargets(asideOutput, scope.paths);
  const shape = await planShape(session, asideOutput, { sql: aside.relation, columns: aside.columns }, targets);
  const asideFolder = await chooseStagingPlace({
    scope,
    dataset: asideOutput.dataset,
    targets,
    folder: join(folder, "quarantine"),
    journal,
  });
  const { signal } = scope;
  const { rows } = await stagePublication({
    session,
    shape,
    checks: [],
    isVerbatim: true,
    folder: asideFolder,
    signal,
  });
  const auditing = auditRows({
    session,
    relation: rows.relation,
    columns: rows.columns,
    checks: [],
    limits: [],
    quarantinedBy: aside.byCheck,
    nowMs: scope.now(),
    signal,
  });
  const [audit] = await Promise.all([auditing, rows.flush()]);
  const staged = {
    session,
    scope,
    output: asideOutput,
    targets,
    shape,
    staged: rows,
    audit,
    folder: asideFolder,
    journal,
  };
  const { version } = await publishStaged(staged);
  const checks = Object.fromEntries(aside.byCheck);
  const data = { dataset: output.dataset, into: version.dataset, rows: aside.rowCount, checks };
  await scope.emit({ type: "quarantined", data });
  return aside.rowCount;
}

// A Delta table beside the one the rows are missing from, or in the lake when that is no Delta table.
function toAsideOutput({ dataset, delta }: DatasetOutput): DatasetOutput {
  const path = delta?.path === undefined ? undefined : quarantineDataset(delta.path.replace(/\/+$/, ""));
  return { dataset: quarantineDataset(dataset), ...(path === undefined ? {} : { delta: { path } }) };
}
