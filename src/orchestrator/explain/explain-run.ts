// Why a run is where it is, followed to the runs that hold it up: the answer of `why` in whole.
import type { RunId } from "../../core/run-id.ts";
import type { Store } from "../../store/store.ts";
import type { WaitFacts } from "../../store/upkeep/upkeep-store.ts";
import { explainWait, type WaitExplanation } from "./explain-wait.ts";

export interface RunExplanation extends WaitExplanation {
  readonly runId: RunId;
  readonly job: string;
  readonly state: WaitFacts["run"]["state"];
  /** The runs that it waits for which do not only wait for others themselves; each with its own reasons. */
  readonly because: readonly RunExplanation[];
}

/** Runs looked at for one answer. */
const maxRuns = 12;
const maxCulprits = 3;

/** `undefined` for an unknown run. Each run is explained once, at most 12 of them. */
export async function explainRun(
  store: Pick<Store, "findWaitFacts">,
  runId: RunId,
): Promise<RunExplanation | undefined> {
  return await explain(store, runId, new Set());
}

async function explain(
  store: Pick<Store, "findWaitFacts">,
  runId: RunId,
  seen: Set<RunId>,
): Promise<RunExplanation | undefined> {
  if (seen.has(runId) || seen.size >= maxRuns) return undefined;
  seen.add(runId);
  const facts = await store.findWaitFacts(runId);
  if (facts === undefined) return undefined;
  const because: RunExplanation[] = [];
  for (const culprit of listCulprits(facts)) {
    const explanation = await explain(store, culprit, seen);
    if (explanation !== undefined) because.push(explanation);
  }
  const { job, state } = facts.run;
  return { runId, job, state, ...explainWait(facts), because };
}

// The facts list first those that hold it up themselves; when all wait for others, the first leads on to who does.
function listCulprits({ held, upstream, failedUpstream, run }: WaitFacts): RunId[] {
  if (held === "outcome" && run.state === "ERROR")
    return failedUpstream.slice(0, maxCulprits).map(({ runId }) => runId);
  if (held !== "waiting") return [];
  const direct = upstream.filter(({ reason }) => reason !== "waiting_upstream");
  return (direct.length === 0 ? upstream.slice(0, 1) : direct.slice(0, maxCulprits)).map(({ runId }) => runId);
}
