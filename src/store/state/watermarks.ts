// How far jobs have read. `watermark` holds the newest version of each, which a writer must have seen to make the next; a run
// moves it forward, a person anywhere.
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
import { all, one, run, type Script } from "../rows/script.ts";
import type { WatermarkChange, WatermarkKey, WatermarkRecord } from "./state-store.ts";
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

/** A value that it has already is no new version. @throws MillraceError `RUN_LOST` | `WATERMARK_MOVED` | `VALUE_INVALID` */
export function* advanceWatermark(
  fence: Fence,
  name: string,
  value: WatermarkValue,
  seenVersion: number,
  nowMs: number,
): Script<WatermarkRecord> {
  yield* assertLease(fence);
  const { isAnew, ...owner } = yield* findOwner(fence.runId);
  const key = { ...owner, name };
  const before = yield* findWatermark(key);
  if ((before?.version ?? 0) !== seenVersion) throw watermarkMoved(key);
  // a full refresh has read from the beginning, so that what was read before says nothing about it
  const order = before === undefined ? 1 : isAnew ? Number(before.value !== value) : assertForward(before.value, value);
  if (before !== undefined && order === 0) return before;
  const change = { ...key, value, runId: fence.runId, ...(isAnew ? { reason: fullRefreshReason } : {}) };
  const after = yield* writeVersion(change, seenVersion, nowMs);
  if (after === undefined) throw watermarkMoved(key);
  const data = { name, from: before?.value ?? null, to: value };
  yield* appendEvents([{ runId: fence.runId, type: "watermark_advanced", data }], nowMs);
  return after;
}

/** @throws MillraceError `VERSION_CONFLICT` | `VALUE_INVALID` */
export function* setWatermark(change: WatermarkChange, nowMs: number): Script<WatermarkRecord> {
  const { job, tenant, name, value, seenVersion, by, reason, undoes } = change;
  assertWatermarkName(name);
  assertWatermarkValue(value);
  const before = yield* findWatermark(change);
  if ((before?.version ?? 0) !== seenVersion) throw versionConflict(change, before?.version ?? 0);
  if (before !== undefined) assertSameType(before.value, value);
  const next = { job, tenant, name, value, changedBy: by, reason, ...(undoes === undefined ? {} : { undoes }) };
  const after = yield* writeVersion(next, seenVersion, nowMs);
  if (after === undefined) throw versionConflict(change, seenVersion + 1);
  return after;
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

interface NewVersion extends WatermarkKey, Partial<Pick<WatermarkRecord, OptionalFields>> {
  readonly value: WatermarkValue;
}

// Comparing and setting the number in one statement is what keeps two writers from making the same version.
function* writeVersion(change: NewVersion, seenVersion: number, nowMs: number): Script<WatermarkRecord | undefined> {
  const { job, tenant, name, value, runId, changedBy, reason, undoes } = change;
  const version = seenVersion + 1;
  const written =
    seenVersion === 0
      ? yield* run(
          "insert into watermark (job, tenant, name, version) values (?, ?, ?, 1) on conflict do nothing",
          job,
          tenant,
          name,
        )
      : yield* run(
          "update watermark set version = version + 1 where job = ? and tenant = ? and name = ? and version = ?",
          job,
          tenant,
          name,
          seenVersion,
        );
  if (written !== 1) return undefined;
  const key = [job, tenant, name] as const;
  yield* run(
    `insert into watermark_version (job, tenant, name, version, value, at, run_id, changed_by, reason, undoes)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...key,
    version,
    JSON.stringify(value),
    nowMs,
    runId ?? null,
    changedBy ?? null,
    reason ?? null,
    undoes ?? null,
  );
  yield* run(
    "delete from watermark_version where job = ? and tenant = ? and name = ? and version <= ?",
    ...key,
    version - keptVersions,
  );
  return { job, tenant, name, version, value, atMs: nowMs, runId, changedBy, reason, undoes };
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
