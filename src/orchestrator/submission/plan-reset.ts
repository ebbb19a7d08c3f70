// Finds everything that a dataset has left behind: its versions, the tables that they were published to, and how far
// its jobs have read.
import type { DatasetVersion } from "../../core/dataset/dataset.ts";
import { toTableKey } from "../../core/dataset/dataset-location.ts";
import type { ResetPlan } from "../../core/dataset/dataset-reset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { suggest } from "../../core/errors/suggest.ts";
import type { StateStore } from "../../store/state/state-store.ts";
import type { Store } from "../../store/store.ts";

export type ResetStore = Pick<Store, "listDatasets" | "listDatasetVersions"> & Pick<StateStore, "listWatermarks">;

const pageSize = 500;

/** @throws MillraceError `DATASET_UNKNOWN` when no run has published it */
export async function planReset(store: ResetStore, dataset: string): Promise<ResetPlan> {
  const latest = await store.listDatasets();
  const names = [dataset, ...latest.flatMap((known) => (isQuarantineOf(known, dataset) ? [known.dataset] : []))];
  const histories: DatasetVersion[][] = [];
  for (const name of names) histories.push(await listVersions(store, name));
  const versions = histories.flat();
  if (versions.length === 0) throw unknown(dataset, latest);
  const jobs = [...new Set(versions.map(({ job }) => job))];
  const taken = latest
    .filter((known) => !names.includes(known.dataset))
    .flatMap(({ locations }) => locations.map(toTableKey));
  const tables = [
    ...new Map(versions.flatMap(({ locations }) => locations.map((at) => [toTableKey(at), at] as const))).values(),
  ];
  const watermarks = await Promise.all(jobs.map(async (job) => await store.listWatermarks(job)));
  return {
    dataset,
    datasets: names,
    jobs,
    versions: versions.length,
    newest: histories.flatMap(([newest]) =>
      newest === undefined ? [] : [{ dataset: newest.dataset, version: newest.version, runId: newest.runId }],
    ),
    tables: tables.filter((table) => !taken.includes(toTableKey(table))),
    shared: tables.filter((table) => taken.includes(toTableKey(table))),
    watermarks: watermarks.flat().map(({ job, name, value }) => ({ job, name, value })),
  };
}

function isQuarantineOf({ dataset, quarantineOf, schema }: DatasetVersion, of: string): boolean {
  if (quarantineOf !== undefined) return quarantineOf.output.dataset === of;
  return dataset === `${of}_quarantine` && schema.some(({ name }) => name === "_reasons");
}

async function listVersions(store: ResetStore, name: string): Promise<DatasetVersion[]> {
  const versions: DatasetVersion[] = [];
  for (;;) {
    const page = await store.listDatasetVersions(name, versions.at(-1)?.version, pageSize);
    versions.push(...page);
    if (page.length < pageSize) return versions;
  }
}

function unknown(dataset: string, latest: readonly DatasetVersion[]): MillraceError {
  const names = latest.map((version) => version.dataset);
  return new MillraceError("DATASET_UNKNOWN", `no run has published dataset \`${dataset}\`${suggest(dataset, names)}`, {
    hint: "there is nothing to reset; `millrace datasets` lists what there is",
  });
}
