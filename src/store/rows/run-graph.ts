// The runs inside a run as a graph and as bars over time.
import type { RunId } from "../../core/run-id.ts";
import type { RunKind, RunSummary } from "./run-records.ts";
import { all, idList, rowList, type Script } from "./script.ts";
import { findRuns } from "./run-summaries.ts";

export interface RunGraphRecord {
  readonly runs: readonly (RunSummary & {
    readonly spans: readonly {
      readonly startedAtMs: number;
      readonly endedAtMs: number | undefined;
      readonly end: string | undefined;
    }[];
  })[];
  readonly edges: readonly { readonly from: RunId; readonly to: RunId }[];
  readonly truncated: boolean;
}

type Span = RunGraphRecord["runs"][number]["spans"][number];

/** Attempts of a run that are shown, the newest; one that polls has thousands. */
const maxSpans = 50;
/** Edges are bounded, too: a run may wait for all others. */
const edgesPerRun = 10;

/** By id, at most `limit`: a statement for each level of pipelines, and five more. */
export function* readRunGraph(runId: RunId, limit: number): Script<RunGraphRecord> {
  const inside = yield* listInside(runId, limit + 1);
  const ids = inside.length === 0 ? [runId] : inside.slice(0, limit);
  const runs = (yield* findRuns(ids)).toReversed();
  const spans = yield* readSpans(runs);
  const { edges, isWhole } = yield* readEdges(runs, limit * edgesPerRun);
  return {
    runs: runs.map((run) => ({ ...run, spans: spans.get(run.id) ?? [] })),
    edges,
    truncated: inside.length > limit || !isWhole,
  };
}

/** Runs inside a run at any depth, by id; level by level until there are `limit`. Only pipelines have runs inside. */
export function* listInside(runId: RunId, limit: number): Script<readonly RunId[]> {
  const found: RunId[] = [];
  let level: readonly RunId[] = [runId];
  while (level.length > 0 && found.length < limit) {
    const rows = yield* listChildren(level, limit - found.length);
    found.push(...rows.map(({ id }) => id));
    level = rows.filter(({ kind }) => kind === "pipeline").map(({ id }) => id);
  }
  return found.toSorted((a, b) => a - b);
}

function* listChildren(
  parents: readonly RunId[],
  limit: number,
): Script<readonly { readonly id: RunId; readonly kind: RunKind }[]> {
  const [only] = parents;
  // The index has the children of one run in their order.
  if (parents.length === 1 && only !== undefined) {
    return yield* all("select id, kind from run where parent_run_id = ? order by id limit ?", only, limit);
  }
  return yield* all(
    "select id, kind from run where parent_run_id in (ids ?) order by id limit ?",
    idList(parents),
    limit,
  );
}

interface SpanRow extends Omit<Span, "endedAtMs" | "end"> {
  readonly runId: RunId;
  readonly endedAtMs: number | null;
  readonly end: string | null;
}

function* readSpans(runs: readonly RunSummary[]): Script<ReadonlyMap<RunId, readonly Span[]>> {
  const rows = yield* all<SpanRow>(
    `select a.run_id as "runId", a.started_at as "startedAtMs", a.ended_at as "endedAtMs", a."end"
    from (rows ?) list ordered join attempt_log a on a.run_id = cast(list.value ->> 'run' as bigint)
      and a.epoch > cast(list.value ->> 'after' as int) order by a.run_id, a.epoch`,
    rowList(runs.map(({ id, epoch }) => ({ run: id, after: epoch - maxSpans }))),
  );
  const executing = runs.filter(({ state }) => state === "RUNNING").map(({ id }) => id);
  const leases =
    executing.length === 0
      ? []
      : yield* all<SpanRow>(
          `select run_id as "runId", started_at as "startedAtMs", null as "endedAtMs", null as "end" from lease
    where run_id in (ids ?)`,
          idList(executing),
        );
  const grouped = Map.groupBy([...rows, ...leases], (row) => row.runId);
  return new Map([...grouped].map(([id, spans]) => [id, spans.map(toSpan)]));
}

function toSpan({ startedAtMs, endedAtMs, end }: SpanRow): Span {
  return { startedAtMs, endedAtMs: endedAtMs ?? undefined, end: end ?? undefined };
}

// A pipeline waits for each of its members; that is what "inside" means and no edge of the graph.
function* readEdges(
  runs: readonly RunSummary[],
  limit: number,
): Script<{ edges: RunGraphRecord["edges"]; isWhole: boolean }> {
  const parents = new Map(runs.map(({ id, parentRunId }) => [id, parentRunId]));
  const rows = yield* all<{ from: RunId; to: RunId }>(
    `select parent_id as "from", child_id as "to" from edge where child_id in (ids ?) order by 2, 1 limit ?`,
    idList(parents.keys()),
    limit + 1,
  );
  const edges = rows.slice(0, limit).filter(({ from, to }) => parents.has(from) && parents.get(from) !== to);
  return { edges, isWhole: rows.length <= limit };
}
