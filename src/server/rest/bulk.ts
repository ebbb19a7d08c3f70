// The same action on many runs: first a selection is frozen and counted, then applied to exactly those runs.
import { setImmediate } from "node:timers/promises";
import type { ApplyBulk, BulkAction, BulkResult, Selection, SelectRuns } from "../../api/control.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import type { RunState } from "../../core/job/run-state.ts";
import type { ControlAction } from "../../store/control/control-store.ts";
import type { RunSummary } from "../../store/rows/run-records.ts";
import { controlRun } from "../control/control-run.ts";
import type { CallContext, Handlers } from "../handler.ts";
import { requestInvalid } from "../request-invalid.ts";
import { requireRun } from "../require-run.ts";
import { toRuns } from "../views/run-page.ts";
import { maxSelectedRuns, RunSelections, selectionTtlMs } from "../views/run-selections.ts";
import type { ServerServices } from "../server-services.ts";
import { toInstant } from "../views/to-instant.ts";
import { type RunFilterText, toRunSearch } from "../views/runs/to-run-search.ts";

const pageSize = 500;
/** A filter that finds little looks through much history, so many pages at most. */
const maxPages = 200;
const sampleSize = 10;
const chunkSize = 20;
const maxRefused = 100;

const controlActions: Readonly<Record<BulkAction, ControlAction>> = {
  stop: "stop",
  pause: "pause",
  resume: "resume",
  retry: "rerun",
};

export function createBulkHandlers(
  services: ServerServices,
  selections: RunSelections = new RunSelections(),
): Handlers<"selectRuns" | "applyBulk"> {
  return {
    async selectRuns({ body }, context) {
      const runs = await findRuns(services, body, context);
      const runIds = runs.map(({ id }) => id);
      const id = selections.add(context.caller.tokenId, { action: body.action, runIds });
      return await toSelection(services, id, body.action, runs);
    },
    applyBulk: async ({ body }, context) => await apply(services, selections, body, context),
  };
}

async function findRuns(
  services: ServerServices,
  { filter, run_ids: runIds }: SelectRuns,
  { signal }: CallContext,
): Promise<readonly RunSummary[]> {
  if ((filter === undefined) === (runIds === undefined)) {
    throw requestInvalid({ path: "body.filter", message: "expected either `filter` or `run_ids`" });
  }
  return filter === undefined
    ? await findNamed(services, runIds ?? [], signal)
    : await findFiltered(services, filter, signal);
}

async function findNamed(
  { store }: ServerServices,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<readonly RunSummary[]> {
  const unique = [...new Set(texts)];
  const runs: RunSummary[] = [];
  for (let start = 0; start < unique.length; start += chunkSize) {
    signal.throwIfAborted();
    const chunk = unique.slice(start, start + chunkSize);
    runs.push(...(await Promise.all(chunk.map((text) => requireRun(store, text)))));
    await setImmediate();
  }
  return runs;
}

async function findFiltered(
  { store }: ServerServices,
  filter: RunFilterText,
  signal: AbortSignal,
): Promise<readonly RunSummary[]> {
  const search = toRunSearch(filter, "body.filter");
  const runs: RunSummary[] = [];
  let before: RunId | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    signal.throwIfAborted();
    const found = await store.searchRuns({ ...search, ...(before === undefined ? {} : { before }), limit: pageSize });
    runs.push(...found.runs);
    if (runs.length > maxSelectedRuns) throw tooMany(`the filter finds more than \`${maxSelectedRuns}\` runs`);
    before = found.nextBefore;
    if (before === undefined) return runs;
    await setImmediate();
  }
  throw tooMany("the filter has to look through too much history");
}

function tooMany(message: string): MillraceError {
  return new MillraceError("SELECTION_TOO_LARGE", message, { hint: "narrow it, for example with `since` or `job`" });
}

async function toSelection(
  services: ServerServices,
  id: string,
  action: BulkAction,
  runs: readonly RunSummary[],
): Promise<Selection> {
  const byState: Partial<Record<RunState, number>> = {};
  for (const { state } of runs) byState[state] = (byState[state] ?? 0) + 1;
  return {
    selection_id: id,
    action,
    count: runs.length,
    by_state: byState,
    sample: await toRuns(services, runs.slice(0, sampleSize)),
    expires_at: toInstant((await services.store.readClockMs()) + selectionTtlMs),
  };
}

// Goes on when the client is gone: half an action on many runs is what nobody asked for. Others get their turn in between.
async function apply(
  { store }: ServerServices,
  selections: RunSelections,
  { selection_id: id, count, reason }: ApplyBulk,
  { caller }: CallContext,
): Promise<BulkResult> {
  const { action, runIds } = selections.take(id, caller.tokenId, count);
  const refused: BulkResult["refused"][number][] = [];
  let changed = 0;
  let requested = 0;
  for (const [index, runId] of runIds.entries()) {
    if (index > 0 && index % chunkSize === 0) await setImmediate();
    try {
      const result = await controlRun(store, controlActions[action], runId, { by: caller.name, reason });
      changed += result.changed;
      requested += result.requested;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (refused.length < maxRefused) refused.push({ run_id: formatRunId(runId), detail: error.message });
    }
  }
  return { count: runIds.length, changed, requested, refused };
}

function isRefusal(error: unknown): error is MillraceError {
  return error instanceof MillraceError && (error.code === "TRANSITION_INVALID" || error.code === "RUN_UNKNOWN");
}
