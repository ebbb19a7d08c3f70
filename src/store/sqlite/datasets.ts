// The registry of published dataset versions. Versions of a dataset count from 1 without gaps.
import type { DatasetColumn, DatasetLocation, DatasetVersion } from "../../core/dataset.ts";
import type { RunId } from "../../core/run-id.ts";
import type { Fence, NewDatasetVersion } from "../run-records.ts";
import { assertLease } from "./assert-lease.ts";
import type { Connection } from "./connection.ts";

/** Gives the dataset its next version; the run of the fence is its producer. @throws MillraceError `RUN_LOST` */
export function recordDataset(db: Connection, fence: Fence, made: NewDatasetVersion, nowMs: number): DatasetVersion {
  assertLease(db, fence);
  const recorded = db.get<DatasetRow>(`${select} where run_id = ? and name = ?`, fence.runId, made.dataset);
  if (recorded !== undefined) return toVersion(recorded);
  const version = (findDataset(db, made.dataset)?.version ?? 0) + 1;
  const sql = `insert into dataset (name, version, run_id, job, locations, columns, row_count, fingerprint, created_at)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
  const json = [JSON.stringify(made.locations), JSON.stringify(made.schema)];
  db.run(sql, made.dataset, version, fence.runId, made.job, ...json, made.rowCount, made.fingerprint, nowMs);
  return { ...made, runId: fence.runId, version, createdAtMs: nowMs };
}

/** That version, or the newest. */
export function findDataset(db: Connection, name: string, version?: number): DatasetVersion | undefined {
  const row =
    version === undefined
      ? db.get<DatasetRow>(`${select} where name = ? order by version desc limit 1`, name)
      : db.get<DatasetRow>(`${select} where name = ? and version = ?`, name, version);
  return row === undefined ? undefined : toVersion(row);
}

/** The newest version of each dataset, by name. Hops from name to name in the primary key, past all older versions. */
export function listDatasets(db: Connection): DatasetVersion[] {
  const sql = `with recursive known (known_name) as (select min(name) from dataset
      union all select (select min(name) from dataset where name > known_name) from known where known_name is not null)
    select ${columns} from known cross join dataset where name = known_name
    and version = (select max(version) from dataset newest where newest.name = known_name) order by name`;
  return db.all<DatasetRow>(sql).map(toVersion);
}

/** Newest first, below `beforeVersion`. */
export function listDatasetVersions(
  db: Connection,
  name: string,
  beforeVersion: number | undefined,
  limit: number,
): DatasetVersion[] {
  const sql = `${select} where name = ? and version < ? order by version desc limit ?`;
  return db.all<DatasetRow>(sql, name, beforeVersion ?? Number.MAX_SAFE_INTEGER, Math.max(0, limit)).map(toVersion);
}

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
}

const columns = `name as dataset, version, run_id as runId, job, locations, columns as schema, row_count as rowCount,
  fingerprint, created_at as createdAtMs`;
const select = `select ${columns} from dataset`;

function toVersion(row: DatasetRow): DatasetVersion {
  const locations = JSON.parse(row.locations) as DatasetLocation[];
  return { ...row, locations, schema: JSON.parse(row.schema) as DatasetColumn[] };
}
