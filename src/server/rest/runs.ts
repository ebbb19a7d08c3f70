// Runs as lists, pages and graphs show them. Every answer is bounded, however many runs, members or events there are.
import { z } from "zod";
import type { Page } from "../../api/page.ts";
import type { Run, RunEventRecord, Unit } from "../../api/run.ts";
import { formatRunId, parseRunId } from "../../core/run-id.ts";
import { explainRun } from "../../orchestrator/explain/explain-run.ts";
import type { RunEvent, RunSummary } from "../../store/rows/run-records.ts";
import type { CallInput, Handlers } from "../handler.ts";
import { parseJsonCursor, toJsonCursor } from "../json-cursor.ts";
import { requestInvalid } from "../request-invalid.ts";
import { requireRun, unknownRun } from "../require-run.ts";
import { toExplanation } from "../views/to-explanation.ts";
import { explainTopics } from "./streams/explain-run.ts";
import { StreamState } from "./streams/stream-state.ts";
import { toKeyset, toRunPage } from "../views/run-page.ts";
import type { ServerServices } from "../server-services.ts";
import { toInstant } from "../views/to-instant.ts";
import { loadRunDetail } from "../views/runs/to-run-detail.ts";
import { toRunGraph } from "../views/runs/to-run-graph.ts";
import { toRunSearch } from "../views/runs/to-run-search.ts";

const defaultLimit = 50;
const defaultEvents = 200;
const maxGraphNodes = 5_000;

/** Reads of runs. Logs, comparisons and actions are in files of their own. */
export function createRunHandlers(
  services: ServerServices,
  streams: StreamState = new StreamState(services),
): Handlers<"listRuns" | "showRun" | "listChildren" | "showGraph" | "listRunEvents" | "listUnits" | "explainRun"> {
  const { store } = services;
  return {
    async listRuns({ query: { cursor, limit = defaultLimit, ...filter } }) {
      return await toRunPage(services, await store.searchRuns({ ...toRunSearch(filter), ...toKeyset(cursor), limit }));
    },
    showRun: async ({ params }) => await loadRunDetail(services, await requireRun(store, params.run_id)),
    async listChildren({ params, query: { cursor, limit = defaultLimit, state, q, result = false } }) {
      const { id } = await requireRun(store, params.run_id);
      const filter = toRunSearch({
        parent: formatRunId(id),
        ...(state === undefined ? {} : { state }),
        ...(q === undefined ? {} : { q }),
      });
      const found = await store.searchRuns({ ...filter, ...toKeyset(cursor), limit });
      const page = await toRunPage(services, found);
      return result ? { ...page, items: withResults(page.items, found.runs) } : page;
    },
    async showGraph({ params }) {
      const { id } = await requireRun(store, params.run_id);
      const [graph, nowMs] = await Promise.all([store.readRunGraph(id, maxGraphNodes), store.readClockMs()]);
      return toRunGraph(graph, nowMs);
    },
    async listRunEvents({ params, query: { after, tail = false, limit = defaultEvents } }) {
      const run = await requireRun(store, params.run_id);
      if (!tail) return await listEvents(services, run, after ?? 0, limit);
      if (after !== undefined) throw requestInvalid({ path: "query.after", message: "not together with `tail`" });
      return { items: (await store.listLastEvents(run.id, limit)).map(toRunEvent), next_cursor: null };
    },
    listUnits: (input) => listUnits(services, input),
    async explainRun({ params }) {
      const runId = parseRunId(params.run_id);
      const explanation = await explainRun(store, runId);
      if (explanation === undefined) throw unknownRun(runId);
      return toExplanation(await explainTopics(services, streams, explanation));
    },
  };
}

// Both lists are of the same runs.
function withResults(runs: readonly Run[], summaries: readonly RunSummary[]): readonly Run[] {
  return runs.map((run, index) => ({ ...run, result: summaries[index]?.result ?? null }));
}

// `next_cursor` is what `after` takes: the sequence number of the last one.
async function listEvents(
  { store }: ServerServices,
  { id, job }: RunSummary,
  after: number,
  limit: number,
): Promise<Page<RunEventRecord>> {
  const events = await store.listEvents(id, after, limit);
  const last = events.at(-1);
  return {
    items: events.map((event) => toRunEvent({ ...event, job })),
    next_cursor: events.length < limit || last === undefined ? null : String(last.seq),
  };
}

function toRunEvent({ runId, job, seq, type, data = null, atMs }: RunEvent & { readonly job: string }): RunEventRecord {
  return { run_id: formatRunId(runId), job_name: job, seq, type, data, at: toInstant(atMs) };
}

async function listUnits(
  { store }: ServerServices,
  { params, query: { cursor, limit = defaultLimit, state } }: CallInput<"listUnits">,
): Promise<Page<Unit>> {
  const { id } = await requireRun(store, params.run_id);
  const [loop, key] = cursor === undefined ? [] : parseJsonCursor(unitPlace, cursor);
  const units = await store.listUnits({
    runId: id,
    ...(state === undefined ? {} : { state }),
    ...(loop === undefined || key === undefined ? {} : { after: { loop, key } }),
    limit,
  });
  const last = units.at(-1);
  return {
    items: units.map((unit) => ({ ...unit, loop: unit.loop ?? null, error: unit.error ?? null })),
    next_cursor: units.length < limit || last === undefined ? null : toJsonCursor([last.loop ?? "", last.key]),
  };
}

const unitPlace = z.tuple([z.string(), z.string()]);
