// The registry of published dataset versions. Versions of a dataset count from 1 without gaps.
import type {
  DatasetColumn,
  DatasetLocation,
  DatasetVersion,
  QuarantineOrigin,
  RunPublications,
} from "../../core/dataset/dataset.ts";
import type { RunId } from "../../core/run-id.ts";
import type { Fence, NewDatasetVersion } from "../rows/run-records.ts";
import { all, one, run, type Script } from "../rows/script.ts";
import { assertLease } from "../rows/fence.ts";

/**
 * Gives the dataset its next version; the run of the fence is its producer. A run records a dataset once, and a quarantine
 * once for each state of its table. @throws MillraceError `RUN_LOST`
 */
export function* recordDataset(fence: Fence, made: NewDatasetVersion, nowMs: number): Script<DatasetVersion> {
  yield* assertLease(fence);
  const recorded = yield* findOwn(made.dataset, fence.runId);
  const isAgain = made.quarantineOf !== undefined && recorded?.locations !== JSON.stringify(made.locations);
  if (recorded !== undefined && !isAgain) return toVersion(recorded);
  for (;;) {
    const version = ((yield* findDataset(made.dataset))?.version ?? 0) + 1;
    // Another run may take the number first; then this one takes the next.
    const inserted = yield* run(
      `insert into dataset (name, version, run_id, job, locations, columns, row_count, fingerprint, created_at, quarantine_of, newest_at)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (name, version) do nothing`,
      made.dataset,
      version,
      fence.runId,
      made.job,
      JSON.stringify(made.locations),
      JSON.stringify(made.schema),
      made.rowCount,
      made.fingerprint,
      nowMs,
      made.quarantineOf === undefined ? null : JSON.stringify(made.quarantineOf),
      made.newestAtMs ?? null,
    );
    if (inserted === 1) return { ...made, runId: fence.runId, version, createdAtMs: nowMs };
  }
}

/** That version, or the newest. */
export function* findDataset(name: string, version?: number): Script<DatasetVersion | undefined> {
  const row =
    version === undefined
      ? yield* one<DatasetRow>(`${select} where name = ? order by version desc limit 1`, name)
      : yield* one<DatasetRow>(`${select} where name = ? and version = ?`, name, version);
  return row === undefined ? undefined : toVersion(row);
}

/** What a run recorded of a dataset, and the newest run's; each is one look into an index: `dataset_of_run`, `dataset_by_run`. */
export function* findRunPublications(name: string, runId: RunId): Script<RunPublications> {
  const own = yield* findOwn(name, runId);
  const newest = yield* one<DatasetRow>(`${select} where name = ? order by run_id desc limit 1`, name);
  return {
    ...(own === undefined ? {} : { own: toVersion(own) }),
    ...(newest === undefined ? {} : { newest: toVersion(newest) }),
  };
}

function* findOwn(name: string, runId: RunId): Script<DatasetRow | undefined> {
  const sql = `${select} where run_id = ? and name = ? order by version desc limit 1`;
  return yield* one<DatasetRow>(sql, runId, name);
}

/** The newest version of each dataset, by name. Hops from name to name in the primary key, past all older versions. */
export function* listDatasets(): Script<DatasetVersion[]> {
  const sql = `with recursive known (known_name) as (select min(name) from dataset
      union all select (select min(name) from dataset where name > known_name) from known where known_name is not null)
    select ${columns} from known ordered join dataset on name = known_name
    where version = (select max(version) from dataset newest where newest.name = known_name) order by name`;
  return (yield* all<DatasetRow>(sql)).map(toVersion);
}

/** Newest first, below `beforeVersion`. */
export function* listDatasetVersions(
  name: string,
  beforeVersion: number | undefined,
  limit: number,
): Script<DatasetVersion[]> {
  const sql = `${select} where name = ? and version < ? order by version desc limit ?`;
  const rows = yield* all<DatasetRow>(sql, name, beforeVersion ?? maxVersion, Math.max(0, limit));
  return rows.map(toVersion);
}

const maxVersion = 2 ** 31 - 1;

interface DatasetRow {
  readonly dataset: string;
  readonly version: number;
  readonly runId: RunId;
  readonly job: string;
  readonly locations: string;
  readonly schema: string;
  readonly rowCount: number;
  readonly fingerprint: string;
  readonly createdAtMs: number;
  readonly quarantineOf: string | null;
  readonly newestAtMs: number | null;
}

const columns = `name as dataset, version, run_id as "runId", job, locations, columns as schema, row_count as "rowCount",
  fingerprint, created_at as "createdAtMs", quarantine_of as "quarantineOf", newest_at as "newestAtMs"`;
const select = `select ${columns} from dataset`;

function toVersion({ quarantineOf, newestAtMs, ...row }: DatasetRow): DatasetVersion {
  return {
    ...row,
    locations: JSON.parse(row.locations) as DatasetLocation[],
    schema: JSON.parse(row.schema) as DatasetColumn[],
    ...(newestAtMs === null ? {} : { newestAtMs }),
    ...(quarantineOf === null ? {} : { quarantineOf: JSON.parse(quarantineOf) as QuarantineOrigin }),
  };
}
