// Why a run is where it is, followed to the runs that hold it up: the answer of `why` in whole.
import type { RunId } from "../../core/run-id.ts";
import type { Store } from "../../store/store.ts";
import type { WaitFacts } from "../../store/upkeep/upkeep-store.ts";
import { tellCause } from "./explain-schedule.ts";
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

/** `undefined` for an unknown run. Each run is explained once, at most 12 of them; of the first also what it was started for. */
export async function explainRun(
  store: Pick<Store, "findWaitFacts" | "listFires">,
  runId: RunId,
): Promise<RunExplanation | undefined> {
  const facts = await store.findWaitFacts(runId);
  if (facts === undefined) return undefined;
  const explanation = await explain(store, facts, new Set());
  return { ...explanation, details: [...explanation.details, ...(await describeStart(store, facts))] };
}

/** Fires of one tick, of which one made the run. */
const lookedAtFires = 100;

/** For the run of a schedule that waits for something: what had come. */
async function describeStart(store: Pick<Store, "listFires">, { run }: WaitFacts): Promise<string[]> {
  if (run.createdBy !== "schedule" || run.parentRunId !== undefined) return [];
  const fires = await store.listFires(run.job, run.createdAtMs + 1, lookedAtFires);
  const own = fires.find((fire) => fire.runId === run.id);
  const cause = own === undefined ? undefined : tellCause(own);
  return cause === undefined ? [] : [`its schedule started it, because ${cause}`];
}

async function explain(
  store: Pick<Store, "findWaitFacts">,
  facts: WaitFacts,
  seen: Set<RunId>,
): Promise<RunExplanation> {
  const { id: runId, job, state } = facts.run;
  seen.add(runId);
  const because: RunExplanation[] = [];
  for (const culprit of listCulprits(facts)) {
    if (seen.has(culprit) || seen.size >= maxRuns) continue;
    const found = await store.findWaitFacts(culprit);
    if (found !== undefined) because.push(await explain(store, found, seen));
  }
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
