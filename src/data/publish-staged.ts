// From audited rows to a recorded version: each target once, then the registry. Nothing happens when nothing changed.
import { createHash } from "node:crypto";
import type { EngineSession } from "../compute/engine.ts";
import type { DatasetLocation, DatasetOutput, DatasetVersion } from "../core/dataset.ts";
import type { Audit } from "./audit.ts";
import { assertMergeKeys } from "./merge-keys.ts";
import type { PublishJournal } from "./publish-journal.ts";
import type { PublishScope } from "./publish-scope.ts";
import type { PublishShape } from "./publish-shape.ts";
import type { StagedRows } from "./staged-rows.ts";
import type { Target, TargetResult } from "./target.ts";

export interface PublishStagedInput {
  readonly session: EngineSession;
  readonly scope: PublishScope;
  readonly output: DatasetOutput;
  readonly targets: readonly Target[];
  readonly shape: PublishShape;
  readonly staged: StagedRows;
  readonly audit: Audit;
  readonly folder: string;
  readonly journal: PublishJournal;
}

/**
 * Publishes and records. `changed` is false when every target had these rows before this run came.
 * A run that an earlier attempt has recorded publishes nothing more.
 */
export async function publishStaged(
  input: PublishStagedInput,
): Promise<{ readonly version: DatasetVersion; readonly changed: boolean }> {
  const { scope, output, shape, audit } = input;
  const fingerprint = fingerprintOf(input);
  const latest = await scope.registry.find(output.dataset);
  if (latest?.runId === scope.run.id) return { version: latest, changed: true };
  if (latest !== undefined && (await isPublished(input, latest, fingerprint)))
    return { version: latest, changed: false };
  const { mode, key = [] } = output;
  if (mode === "merge") await assertMergeKeys(input.session, input.staged.relation, key, scope.signal);
  const results = await publishTargets(input, fingerprint);
  const locations = input.targets.flatMap((target) => results.get(target)?.location ?? []);
  const changed = [...results.values()].some((result) => result.changed) || !isSame(latest?.locations, locations);
  if (latest !== undefined && !changed) return { version: latest, changed: false };
  const [first] = input.targets;
  const version = await scope.registry.record({
    dataset: output.dataset,
    runId: scope.run.id,
    job: scope.run.job,
    locations,
    schema: shape.tableColumns,
    rowCount: (first === undefined ? undefined : results.get(first)?.rowCount) ?? audit.rowCount,
    fingerprint,
  });
  await scope.failpoint("recorded");
  const data = { dataset: output.dataset, version: version.version, rows: audit.rowCount, rowCount: version.rowCount };
  await scope.emit({ type: "dataset_published", data: { ...data, locations: locations.map(describe) } });
  return { version, changed: true };
}

/** Says which rows these are and how they got in; an appended set belongs to its run. */
function fingerprintOf({ scope, output, shape, audit }: PublishStagedInput): string {
  const { mode = "replace", key = [] } = output;
  const who = mode === "append" ? scope.runKey : "";
  const what = JSON.stringify([mode, key, who, shape.columns, audit.rowCount, audit.content]);
  return createHash("sha256").update(what).digest("hex").slice(0, 32);
}

async function isPublished(input: PublishStagedInput, latest: DatasetVersion, fingerprint: string): Promise<boolean> {
  const { session, targets } = input;
  if (latest.fingerprint !== fingerprint || latest.locations.length !== targets.length) return false;
  if (latest.locations[0]?.path !== targets[0]?.path || input.shape.added.length > 0) return false;
  for (const target of targets) {
    if (!(await target.isCurrent(session, latest))) return false;
  }
  return true;
}

/** A Delta commit takes the staged files away, so it comes last. */
async function publishTargets(input: PublishStagedInput, fingerprint: string): Promise<Map<Target, TargetResult>> {
  const { session, scope, output, shape, staged, folder, journal } = input;
  const { mode = "replace", key = [], schema: contract = "evolve", dataset } = output;
  const results = new Map<Target, TargetResult>();
  const ordered = input.targets.toSorted((a, b) => Number(a.format === "delta") - Number(b.format === "delta"));
  for (const target of ordered) {
    const { added, ...rows } = shape.fit(target, staged);
    await scope.registry.assertHeld();
    await scope.failpoint(`${target.format}:publishing`);
    const result = await target.publish({
      session,
      mode,
      key,
      contract,
      staged,
      rows,
      added,
      writer: { runKey: scope.runKey, job: scope.run.job, dataset, fingerprint },
      stagingFolder: folder,
      intend: async (intent) => {
        await journal.intend(intent);
        // staging may have taken long; a newer attempt must not meet files of this one
        await scope.registry.assertHeld();
      },
      assertHeld: () => scope.registry.assertHeld(),
      signal: scope.signal,
      failpoint: scope.failpoint,
    });
    for (const warning of result.warnings) scope.log.warn(warning);
    results.set(target, result);
  }
  return results;
}

function isSame(before: readonly DatasetLocation[] | undefined, after: readonly DatasetLocation[]): boolean {
  return JSON.stringify(before?.map(describe)) === JSON.stringify(after.map(describe));
}

function describe(location: DatasetLocation): {
  format: string;
  path: string;
  version: number | null;
  table: string | null;
} {
  const { format, path } = location;
  const version = location.format === "delta" ? location.version : null;
  const table = location.format === "sqlite" || location.format === "duckdb" ? location.table : null;
  return { format, path, version, table };
}
