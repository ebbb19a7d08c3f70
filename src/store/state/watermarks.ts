// Reads and moves watermarks, which say how far jobs have read. `watermark` holds the newest version of each, which a
// writer must have seen to make the next; a run moves it forward, a person anywhere.
import { MillraceError } from "../../core/errors/errors.ts";
import { fullRefreshReason, isFullRefresh } from "../../core/job/full-refresh.ts";
import type { RunId } from "../../core/run-id.ts";
import {
  assertSameType,
  assertWatermarkName,
  assertWatermarkValue,
  compareWatermarks,
  type WatermarkValue,
} from "../../core/dataset/watermark.ts";
import type { Fence } from "../rows/run-records.ts";
import { all, one, rowList, run, type Script } from "../rows/script.ts";
import type { WatermarkChange, WatermarkKey, WatermarkMove, WatermarkRecord } from "./state-store.ts";
import { appendEvents } from "../rows/append-events.ts";
import { assertLease } from "../rows/fence.ts";

/** Older ones are forgotten: at one a minute a week. */
const keptVersions = 10_000;

/** One primary key look-up in each of two tables. */
export function* findWatermark({ job, tenant, name }: WatermarkKey): Script<WatermarkRecord | undefined> {
  const row = yield* one<WatermarkRow>(`${newest} where w.job = ? and w.tenant = ? and w.name = ?`, job, tenant, name);
  return row === undefined ? undefined : toRecord(row);
}

/** Lists the watermarks of all tenants, by tenant and name. */
export function* listWatermarks(job: string): Script<WatermarkRecord[]> {
  return (yield* all<WatermarkRow>(`${newest} where w.job = ? order by w.tenant, w.name`, job)).map(toRecord);
}

/** Lists the first `limit` watermarks of jobs, in the order of the jobs: a range of the primary key for each. */
export function* listWatermarksOf(jobs: readonly string[], limit: number): Script<WatermarkRecord[]> {
  const rows = yield* all<WatermarkRow>(
    `select ${columns} from (rows ?) list ordered join watermark w on w.job = list.value ->> 'job'
    ordered join watermark_version v on v.job = w.job and v.tenant = w.tenant and v.name = w.name and v.version = w.version
    order by list.key, w.tenant, w.name limit ?`,
    rowList(jobs.map((job) => ({ job }))),
    limit,
  );
  return rows.map(toRecord);
}

/** Newest first, along the primary key. */
export function* listWatermarkVersions(
  { job, tenant, name }: WatermarkKey,
  beforeVersion: number | undefined,
  limit: number,
): Script<WatermarkRecord[]> {
  const sql = `select ${columns} from watermark_version v
    where v.job = ? and v.tenant = ? and v.name = ? and v.version < ? order by v.version desc limit ?`;
  const before = beforeVersion ?? Number.MAX_SAFE_INTEGER;
  return (yield* all<WatermarkRow>(sql, job, tenant, name, before, Math.max(0, limit))).map(toRecord);
}

/** Lists the watermarks of a tenant, by name. A range of the primary key. */
export function* listTenantWatermarks(job: string, tenant: string): Script<WatermarkRecord[]> {
  const rows = yield* all<WatermarkRow>(`${newest} where w.job = ? and w.tenant = ? order by w.name`, job, tenant);
  return rows.map(toRecord);
}

/**
 * Moves all or none. A value that a watermark has already is no new version.
 * @returns the newest version of each, in the order of the moves
 * @throws MillraceError `RUN_LOST` | `WATERMARK_MOVED` | `VALUE_INVALID`
 */
export function* advanceWatermarks(
  fence: Fence,
  moves: readonly WatermarkMove[],
  nowMs: number,
): Script<readonly WatermarkRecord[]> {
  yield* assertLease(fence);
  const { isAnew, ...owner } = yield* findOwner(fence.runId);
  const before = yield* findNamed(
    owner,
    moves.map(({ name }) => name),
  );
  const changes: NewVersion[] = [];
  const after = new Map(before);
  for (const { name, value, seenVersion } of moves) {
    const own = before.get(name);
    if ((own?.version ?? 0) !== seenVersion) throw watermarkMoved({ ...owner, name });
    // a full refresh has read from the beginning, so that what was read before says nothing about it
    const order = own === undefined ? 1 : isAnew ? Number(own.value !== value) : assertForward(own.value, value);
    if (own !== undefined && order === 0) continue;
    const why = isAnew ? { reason: fullRefreshReason } : {};
    const change = { ...owner, name, value, version: seenVersion + 1, runId: fence.runId, ...why };
    changes.push(change);
    after.set(name, toNewRecord(change, nowMs));
  }
  if ((yield* writeVersions(owner, changes, nowMs)) !== changes.length)
    throw watermarkMoved({ ...owner, name: changes[0]?.name ?? "" });
  yield* appendEvents(toEvents(fence.runId, changes, before), nowMs);
  return moves.flatMap(({ name }) => after.get(name) ?? []);
}

/** One for each watermark of a job that has few; of many, one for all of them. */
function toEvents(
  runId: RunId,
  changes: readonly NewVersion[],
  before: ReadonlyMap<string, WatermarkRecord>,
): Parameters<typeof appendEvents>[0] {
  if (changes.length > maxEvents) return [{ runId, type: "watermarks_advanced", data: { count: changes.length } }];
  return changes.map(({ name, value }) => ({
    runId,
    type: "watermark_advanced",
    data: { name, from: before.get(name)?.value ?? null, to: value },
  }));
}

const maxEvents = 20;

/** @throws MillraceError `VERSION_CONFLICT` | `VALUE_INVALID` */
export function* setWatermark(change: WatermarkChange, nowMs: number): Script<WatermarkRecord> {
  const { job, tenant, name, value, seenVersion, by, reason, undoes } = change;
  assertWatermarkName(name);
  assertWatermarkValue(value);
  const before = yield* findWatermark(change);
  if ((before?.version ?? 0) !== seenVersion) throw versionConflict(change, before?.version ?? 0);
  if (before !== undefined) assertSameType(before.value, value);
  const made = { changedBy: by, reason, ...(undoes === undefined ? {} : { undoes }) };
  const next = { job, tenant, name, value, version: seenVersion + 1, ...made };
  if ((yield* writeVersions(next, [next], nowMs)) !== 1) throw versionConflict(change, seenVersion + 1);
  return toNewRecord(next, nowMs);
}

const columns = `v.job, v.tenant, v.name, v.version, v.value, v.at as "atMs", v.run_id as "runId",
  v.changed_by as "changedBy", v.reason, v.undoes`;

const newest = `select ${columns} from watermark w ordered join watermark_version v
  on v.job = w.job and v.tenant = w.tenant and v.name = w.name and v.version = w.version`;

type OptionalFields = "runId" | "changedBy" | "reason" | "undoes";

type WatermarkRow = Omit<WatermarkRecord, OptionalFields | "value"> & { readonly value: string } & {
  readonly [Field in OptionalFields]: NonNullable<WatermarkRecord[Field]> | null;
};

function toRecord({ value, runId, changedBy, reason, undoes, ...row }: WatermarkRow): WatermarkRecord {
  return {
    ...row,
    value: JSON.parse(value) as WatermarkValue,
    runId: runId ?? undefined,
    changedBy: changedBy ?? undefined,
    reason: reason ?? undefined,
    undoes: undoes ?? undefined,
  };
}

interface Owner {
  readonly job: string;
  readonly tenant: string;
  /** Whether the run is a full refresh. */
  readonly isAnew: boolean;
}

function* findOwner(runId: RunId): Script<Owner> {
  const sql = "select job, tenant, params from run where id = ?";
  const owner = yield* one<{ job: string; tenant: string; params: string }>(sql, runId);
  if (owner === undefined) throw new RangeError(`run ${runId} is leased and does not exist`);
  const { params, ...key } = owner;
  return { ...key, isAnew: isFullRefresh(JSON.parse(params)) };
}

function* findNamed(
  { job, tenant }: Pick<WatermarkKey, "job" | "tenant">,
  names: readonly string[],
): Script<ReadonlyMap<string, WatermarkRecord>> {
  const rows = yield* all<WatermarkRow>(
    `select ${columns} from (rows ?) r
    ordered join watermark w on w.job = ? and w.tenant = ? and w.name = r.value ->> 'name'
    ordered join watermark_version v on v.job = w.job and v.tenant = w.tenant and v.name = w.name and v.version = w.version`,
    rowList(names.map((name) => ({ name }))),
    job,
    tenant,
  );
  return new Map(rows.map(toRecord).map((record) => [record.name, record]));
}

interface NewVersion extends WatermarkKey, Partial<Pick<WatermarkRecord, OptionalFields>> {
  readonly value: WatermarkValue;
  readonly version: number;
}

function toNewRecord({ runId, changedBy, reason, undoes, ...change }: NewVersion, nowMs: number): WatermarkRecord {
  return { ...change, atMs: nowMs, runId, changedBy, reason, undoes };
}

/**
 * Writes versions of one owner. Comparing and setting the number in one statement is what keeps two writers from making the same version.
 * @returns how many were written; fewer than there are when somebody else has written one of them
 */
function* writeVersions(
  { job, tenant }: Pick<WatermarkKey, "job" | "tenant">,
  changes: readonly NewVersion[],
  nowMs: number,
): Script<number> {
  if (changes.length === 0) return 0;
  const rows = rowList(
    changes.map(({ name, version, value, runId, changedBy, reason, undoes }) => ({
      name,
      version,
      value: JSON.stringify(value),
      run: runId ?? null,
      by: changedBy ?? null,
      reason: reason ?? null,
      undoes: undoes ?? null,
    })),
  );
  const written = yield* run(
    `insert into watermark (job, tenant, name, version)
    select ?, ?, r.value ->> 'name', cast(r.value ->> 'version' as bigint) from (rows ?) r where true
    on conflict (job, tenant, name) do update set version = excluded.version
    where watermark.version = excluded.version - 1`,
    job,
    tenant,
    rows,
  );
  if (written !== changes.length) return written;
  yield* run(
    `insert into watermark_version (job, tenant, name, version, value, at, run_id, changed_by, reason, undoes)
    select ?, ?, r.value ->> 'name', cast(r.value ->> 'version' as bigint), r.value ->> 'value', cast(? as bigint),
      cast(r.value ->> 'run' as bigint), r.value ->> 'by', r.value ->> 'reason', cast(r.value ->> 'undoes' as bigint)
    from (rows ?) r`,
    job,
    tenant,
    nowMs,
    rows,
  );
  for (const { name, version } of changes.filter((change) => change.version > keptVersions)) {
    yield* run(
      "delete from watermark_version where job = ? and tenant = ? and name = ? and version <= ?",
      job,
      tenant,
      name,
      version - keptVersions,
    );
  }
  return written;
}

function assertForward(before: WatermarkValue, after: WatermarkValue): number {
  assertSameType(before, after);
  const order = compareWatermarks(after, before);
  if (order >= 0) return order;
  throw new MillraceError("VALUE_INVALID", `expected the watermark to move on from \`${before}\`, got: \`${after}\``, {
    hint: "only a person moves a watermark back, with `millrace state rewind` or on the page of the job",
  });
}

function watermarkMoved({ job, name }: WatermarkKey): MillraceError {
  const message = `watermark \`${name}\` of job \`${job}\` was changed since this run read it`;
  return new MillraceError("WATERMARK_MOVED", message, { hint: "the next attempt reads it anew" });
}

function versionConflict({ name, seenVersion }: WatermarkChange, version: number): MillraceError {
  const message = `watermark \`${name}\` is at version \`${version}\`, and the change was made for: \`${seenVersion}\``;
  return new MillraceError("VERSION_CONFLICT", message, {
    hint: "look at the newest version and decide again",
    details: { version },
  });
}
