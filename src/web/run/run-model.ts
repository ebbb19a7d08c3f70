// What the run page knows of a run and the runs in it: an answer of the server, patched by messages. Each patch makes new objects
// for what it changes and for nothing else, so that a view of one run is drawn again only when that run changed.
import { isTerminal, type RunState } from "../../core/job/run-state.ts";
import type { ProgressMessage, RunMessage, ServerMessage } from "../../api/event-message.ts";
import type { Progress, Run, RunGraph, RunGraphNode } from "../../api/run.ts";
import type { GraphEdge } from "../../core/graph/graph.ts";

export interface LiveRun extends RunGraphNode {
  /** Number of the run's newest event that was seen; 0 before the first. */
  readonly seq: number;
  readonly progress: Progress | null;
  readonly due_at: string | null;
  readonly finished_at: string | null;
  readonly error_message: string | null;
  /** The worker that executes it. */
  readonly worker: string | null;
}

export interface RunModel {
  readonly runs: ReadonlyMap<string, LiveRun>;
  readonly edges: readonly GraphEdge[];
  /** Some message spoke of a run that no answer has shown yet: the graph is to be asked for again. */
  readonly hasStrangers: boolean;
}

export interface Patch {
  readonly model: RunModel;
  /** Ids of the runs that are other objects now. */
  readonly changed: ReadonlySet<string>;
}

export const emptyModel: RunModel = { runs: new Map(), edges: [], hasStrangers: false };

/** The answer replaces what is known, but for progress and errors, which it does not have. */
export function applyGraph(model: RunModel, graph: RunGraph): RunModel {
  const runs = new Map<string, LiveRun>();
  for (const node of graph.nodes) runs.set(node.run_id, { ...startOf(model.runs.get(node.run_id)), ...node });
  for (const [id, run] of model.runs) if (!runs.has(id)) runs.set(id, run);
  return { runs, edges: graph.edges, hasStrangers: false };
}

/** Lets messages count again that were applied to what an answer has replaced; applying one twice does no harm. */
export function forgetSeen(model: RunModel, asked: RunModel, heard: readonly ServerMessage[]): RunModel {
  const runs = new Map(model.runs);
  for (const message of heard) {
    const run = "run_id" in message ? runs.get(message.run_id) : undefined;
    if (run !== undefined) runs.set(run.run_id, { ...run, seq: asked.runs.get(run.run_id)?.seq ?? 0 });
  }
  return { ...model, runs };
}

/** Adds or replaces one run by an answer about it; its attempts become bars. */
export function applyRun(
  model: RunModel,
  run: Run & { readonly attempts?: readonly RunGraphNode["spans"][number][]; readonly last_seq?: number },
): RunModel {
  const known = startOf(model.runs.get(run.run_id));
  // The answer is older than what was heard meanwhile.
  if (run.last_seq !== undefined && run.last_seq < known.seq) return model;
  const runs = new Map(model.runs);
  runs.set(run.run_id, {
    ...known,
    run_id: run.run_id,
    job_name: run.job_name,
    state: run.state,
    reason: run.reason,
    attempt: run.attempt,
    created_at: run.created_at,
    ready_at: known.ready_at ?? (run.reason === "waiting_upstream" ? null : run.created_at),
    spans: run.attempts?.map(({ started_at, ended_at, end }) => ({ started_at, ended_at, end })) ?? known.spans,
    percent: run.progress?.percent ?? null,
    progress: run.progress,
    due_at: run.due_at,
    finished_at: run.finished_at,
    error_message: run.error?.message ?? null,
    seq: run.last_seq ?? known.seq,
  });
  return { ...model, runs };
}

/** Applies messages in their order. One that was applied before changes nothing; those of other kinds are passed over. */
export function applyMessages(model: RunModel, messages: readonly ServerMessage[]): Patch {
  const changed = new Set<string>();
  let { hasStrangers } = model;
  const runs = new Map(model.runs);
  const ended: RunMessage[] = [];
  for (const message of messages) {
    if (!("run_id" in message)) continue;
    const known = runs.get(message.run_id);
    if (known === undefined) {
      hasStrangers = true;
      continue;
    }
    const next = message.type === "job_progress" ? patchProgress(known, message) : patchRun(known, message);
    if (next === known) continue;
    runs.set(known.run_id, next);
    changed.add(known.run_id);
    if (message.type !== "job_progress" && isTerminal(next.state) && !isTerminal(known.state)) ended.push(message);
  }
  releaseDependants(runs, model.edges, ended, changed);
  if (changed.size === 0 && hasStrangers === model.hasStrangers) return { model, changed };
  return { model: { ...model, runs, hasStrangers }, changed };
}

/** How many runs are in each state. */
export function countStates(runs: Iterable<{ readonly state: RunState }>): Readonly<Partial<Record<RunState, number>>> {
  const counts: Partial<Record<RunState, number>> = {};
  for (const { state } of runs) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

const unknownRun: Omit<LiveRun, "run_id" | "job_name" | "created_at"> = {
  state: "PENDING",
  reason: null,
  attempt: 0,
  ready_at: null,
  spans: [],
  percent: null,
  seq: 0,
  progress: null,
  due_at: null,
  finished_at: null,
  error_message: null,
  worker: null,
};

function startOf(known: LiveRun | undefined): typeof unknownRun {
  return known ?? unknownRun;
}

function patchProgress(run: LiveRun, message: ProgressMessage): LiveRun {
  // Late counts of an attempt that has ended say nothing of the run as it is.
  if (message.seq < run.seq || run.state !== "RUNNING") return run;
  const { percent, operation, done, total, rate, eta } = message;
  return { ...run, percent, progress: { percent, operation, done, total, rate, eta } };
}

function patchRun(run: LiveRun, message: RunMessage): LiveRun {
  if (message.seq <= run.seq) return run;
  const { seq, state, at } = message;
  const isOver = isTerminal(state);
  const base = {
    ...run,
    seq,
    state,
    reason: state === run.state ? run.reason : null,
    finished_at: isOver ? (run.finished_at ?? at) : null,
    spans: state === "RUNNING" || run.state !== "RUNNING" ? run.spans : closeSpan(run.spans, at, endOf(message)),
    worker: state === "RUNNING" ? run.worker : null,
    due_at: state === "PENDING" ? run.due_at : null,
  };
  switch (message.type) {
    case "job_started":
      return { ...base, ...startAttempt(run, message) };
    case "job_completed":
      return { ...base, reason: message.reason, percent: 100, error_message: null };
    case "job_error":
      return { ...base, reason: message.reason, error_message: message.error_message };
    case "job_retry_scheduled":
      return { ...base, reason: "waiting_retry", due_at: message.due_at, error_message: message.error_message };
    case "job_event":
      return message.event === "lost" ? { ...base, reason: "lost" } : base;
    case "job_submitted":
    case "job_paused":
    case "job_resumed":
      return base;
  }
}

function startAttempt(run: LiveRun, message: RunMessage & { readonly type: "job_started" }): Partial<LiveRun> {
  const last = run.spans.at(-1);
  // An answer that came meanwhile may show this attempt already.
  const isShown = last !== undefined && Date.parse(last.started_at) >= Date.parse(message.at);
  const closed = closeSpan(run.spans, message.at, "lost");
  return {
    attempt: message.attempt,
    reason: null,
    worker: message.worker,
    ready_at: run.ready_at ?? message.at,
    percent: null,
    progress: null,
    spans: isShown ? run.spans : [...closed, { started_at: message.at, ended_at: null, end: null }],
  };
}

function closeSpan(spans: LiveRun["spans"], at: string, end: string): LiveRun["spans"] {
  const last = spans.at(-1);
  if (last === undefined || last.ended_at !== null) return spans;
  return [...spans.slice(0, -1), { ...last, ended_at: at, end }];
}

function endOf(message: RunMessage): string {
  switch (message.type) {
    case "job_completed":
      return message.reason ?? "finished";
    case "job_error":
      return message.reason ?? "failed";
    case "job_retry_scheduled":
      return "retry";
    case "job_paused":
      return "paused";
    case "job_event":
      return message.event;
    case "job_submitted":
    case "job_started":
    case "job_resumed":
      return "released";
  }
}

// The event that lets a run go is not told apart from the end of the last run it waited for.
function releaseDependants(
  runs: Map<string, LiveRun>,
  edges: readonly GraphEdge[],
  ended: readonly RunMessage[],
  changed: Set<string>,
): void {
  if (ended.length === 0) return;
  const endedAt = new Map(ended.map(({ run_id, at }) => [run_id, at]));
  for (const id of new Set(edges.flatMap(({ from, to }) => (endedAt.has(from) ? [to] : [])))) {
    const run = runs.get(id);
    if (run === undefined || run.ready_at !== null || run.state !== "PENDING") continue;
    const upstream = edges.filter(({ to }) => to === id).flatMap(({ from }) => runs.get(from) ?? []);
    if (!upstream.every(({ state }) => state === "FINISHED")) continue;
    const latest = upstream
      .flatMap((other) => other.finished_at ?? [])
      .reduce((a, b) => (a > b ? a : b), run.created_at);
    runs.set(id, { ...run, ready_at: latest, reason: run.reason === "waiting_upstream" ? null : run.reason });
    changed.add(id);
  }
}
