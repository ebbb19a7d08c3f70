// Watermarks as people see and move them, with what a move means: which runs read that range, and what is made from it.
import { z } from "zod";
import type { Page } from "../../../api/page.ts";
import type { Watermark, WatermarkChange } from "../../../api/state.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { formatRunId } from "../../../core/run-id.ts";
import { assertSameType, compareWatermarks, type WatermarkValue } from "../../../core/dataset/watermark.ts";
import type { WatermarkRecord } from "../../../store/state/state-store.ts";
import type { CallContext, CallInput, Handlers } from "../../handler.ts";
import { buildLineage, lineageId, listDownstreamDatasets } from "../../views/lineage.ts";
import { parseJsonCursor, toJsonCursor } from "../../json-cursor.ts";
import { requestInvalid } from "../../request-invalid.ts";
import { requireJobName } from "../../require-job.ts";
import type { ServerServices } from "../../server-services.ts";
import { toInstant } from "../../views/to-instant.ts";

const defaultLimit = 50;
const maxHistory = 50;
/** Versions in one page of watermarks together. */
const maxVersions = 1_000;
const maxAffectedRuns = 50;
/** How far back the runs that read a range are looked for. */
const maxLookedAt = 2_000;
const lookSize = 200;

export function createWatermarkHandlers(
  services: ServerServices,
): Handlers<"listWatermarks" | "putWatermark" | "undoWatermark"> {
  return {
    listWatermarks: (input) => listWatermarks(services, input),
    putWatermark: (input, context) => putWatermark(services, input, context),
    undoWatermark: (input, context) => undoWatermark(services, input, context),
  };
}

// By tenant and name; the cursor of the next page is what the last one is called.
async function listWatermarks(
  services: ServerServices,
  { params: { job_name: job }, query: { q = "", cursor, limit = defaultLimit } }: CallInput<"listWatermarks">,
): Promise<Page<Watermark>> {
  await requireJobName(services, job);
  const text = q.trim().toLowerCase();
  const [afterTenant, afterName] = cursor === undefined ? ["", ""] : parseJsonCursor(placeSchema, cursor);
  const found = (await services.store.listWatermarks(job)).filter(
    ({ tenant, name }) =>
      name.toLowerCase().includes(text) && (tenant > afterTenant || (tenant === afterTenant && name > afterName)),
  );
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const shown = Math.max(2, Math.min(maxHistory, Math.floor(maxVersions / Math.max(1, page.length))));
  return {
    items: await Promise.all(page.map((record) => toWatermark(services, record, shown))),
    next_cursor: found.length > limit && last !== undefined ? toJsonCursor([last.tenant, last.name]) : null,
  };
}

const placeSchema = z.tuple([z.string(), z.string()]);

async function putWatermark(
  services: ServerServices,
  { params: { job_name: job }, body }: CallInput<"putWatermark">,
  { caller }: CallContext,
): Promise<WatermarkChange> {
  const { value, version, reason, preview = false } = body;
  const before = await requireWatermark(services, job, body);
  assertVersion(before, version);
  assertSameType(before.value, value);
  const change = await describeChange(services, before, value);
  // Where it is already it stays, at its version.
  if (preview || change.direction === "none") return { ...change, version: preview ? null : before.version };
  const { tenant, name } = before;
  const after = await services.store.setWatermark({
    job,
    tenant,
    name,
    value,
    reason,
    seenVersion: version,
    by: caller.name,
  });
  return { ...change, version: after.version };
}

async function undoWatermark(
  services: ServerServices,
  { params: { job_name: job }, body }: CallInput<"undoWatermark">,
  { caller }: CallContext,
): Promise<WatermarkChange> {
  const newest = await requireWatermark(services, job, body);
  assertVersion(newest, body.version);
  const [restored] = isUndoable(newest) ? await services.store.listWatermarkVersions(newest, newest.version, 1) : [];
  if (restored === undefined) throw nothingToUndo(newest);
  const change = await describeChange(services, newest, restored.value);
  const { tenant, name } = newest;
  const after = await services.store.setWatermark({
    job,
    tenant,
    name,
    value: restored.value,
    seenVersion: newest.version,
    by: caller.name,
    reason: body.reason ?? `undo of version ${newest.version}`,
    undoes: restored.version,
  });
  return { ...change, version: after.version };
}

/** @throws MillraceError `JOB_UNKNOWN` | `THING_UNKNOWN` | `REQUEST_INVALID` when several tenants have one of that name */
async function requireWatermark(
  services: ServerServices,
  job: string,
  { name, tenant }: { readonly name: string; readonly tenant?: string },
): Promise<WatermarkRecord> {
  await requireJobName(services, job);
  const named = (await services.store.listWatermarks(job)).filter((record) => record.name === name);
  const found = named.filter((record) => tenant === undefined || record.tenant === tenant);
  const [only] = found;
  if (only === undefined) {
    throw new MillraceError("THING_UNKNOWN", `unknown watermark \`${name}\` of job \`${job}\``, {
      hint: "a run makes it, with `ctx.watermark`",
    });
  }
  if (found.length === 1) return only;
  const tenants = found.map((record) => `\`${record.tenant}\``).join(", ");
  throw requestInvalid({ path: "body.tenant", message: `expected one of ${tenants.slice(0, 300)}` });
}

async function toWatermark(
  { store }: ServerServices,
  record: WatermarkRecord,
  shownVersions: number,
): Promise<Watermark> {
  const history = await store.listWatermarkVersions(record, undefined, shownVersions);
  return {
    name: record.name,
    tenant: record.tenant,
    version: record.version,
    value: record.value,
    updated_at: toInstant(record.atMs),
    history: history.map(({ version, value, atMs, runId, changedBy, reason }) => ({
      version,
      value,
      at: toInstant(atMs),
      run_id: runId === undefined ? null : formatRunId(runId),
      by: changedBy ?? null,
      reason: reason ?? null,
    })),
    can_undo: isUndoable(record) && history.length > 1,
  };
}

// A change of a person that is not itself the undoing of one, and not the first value.
function isUndoable({ changedBy, undoes, version }: WatermarkRecord): boolean {
  return changedBy !== undefined && undoes === undefined && version > 1;
}

async function describeChange(
  services: ServerServices,
  before: WatermarkRecord,
  after: WatermarkValue,
): Promise<Omit<WatermarkChange, "version">> {
  const order = compareWatermarks(after, before.value);
  const direction = order < 0 ? "rewind" : order > 0 ? "skip" : "none";
  const isMoved = direction !== "none";
  return {
    name: before.name,
    before: before.value,
    after,
    direction,
    affected_runs: isMoved ? await listAffectedRuns(services, before, after) : [],
    affected_datasets: isMoved ? await listAffectedDatasets(services, before.job) : [],
  };
}

// Runs whose step overlaps the range between the two values.
async function listAffectedRuns(
  { store }: ServerServices,
  newest: WatermarkRecord,
  target: WatermarkValue,
): Promise<WatermarkChange["affected_runs"]> {
  const [low, high] = compareWatermarks(target, newest.value) < 0 ? [target, newest.value] : [newest.value, target];
  const found: WatermarkChange["affected_runs"][number][] = [];
  let before: number | undefined;
  for (let looked = 0; looked < maxLookedAt; looked += lookSize) {
    // One more, since the first of the next page is where the last one came from.
    const page = await store.listWatermarkVersions(newest, before, lookSize + 1);
    for (const [index, { version, value, runId, atMs }] of page.slice(0, lookSize).entries()) {
      before = version;
      const from = page[index + 1]?.value;
      const isBetween = compareWatermarks(value, low) > 0 && (from === undefined || compareWatermarks(from, high) < 0);
      if (runId === undefined || !isBetween) continue;
      found.push({ run_id: formatRunId(runId), from: from ?? null, to: value, at: toInstant(atMs) });
      if (found.length === maxAffectedRuns) return found;
    }
    if (page.length <= lookSize) break;
  }
  return found;
}

async function listAffectedDatasets({ store, definitions }: ServerServices, job: string): Promise<readonly string[]> {
  const lineage = buildLineage(definitions(), await store.listDatasets());
  return listDownstreamDatasets(lineage, lineageId("job", job));
}

function assertVersion({ name, version }: WatermarkRecord, seen: number): void {
  if (version === seen) return;
  const message = `watermark \`${name}\` is at version \`${version}\`, and the change was made for: \`${seen}\``;
  throw new MillraceError("VERSION_CONFLICT", message, { hint: "look at the newest version and decide again" });
}

function nothingToUndo({ name, version }: WatermarkRecord): MillraceError {
  const message = `version \`${version}\` of watermark \`${name}\` is no change of a person that can be taken back`;
  return new MillraceError("TRANSITION_INVALID", message, { hint: "set it to a value of its history instead" });
}
