// Adds what a run does in its topics to why it is where it is.
import { MillraceError } from "../../../core/errors/errors.ts";
import type { TopicState } from "../../../core/stream/stream-log.ts";
import type { RunExplanation } from "../../../orchestrator/explain/explain-run.ts";
import { explainStream } from "../../../orchestrator/explain/explain-stream.ts";
import type { ServerServices } from "../../server-services.ts";
import type { StreamState } from "./stream-state.ts";
import { lagOf, toBoundsLookup } from "./to-group-view.ts";

/** The same explanation for all but a run that executes and has topics. */
export async function explainTopics(
  services: ServerServices,
  state: StreamState,
  explanation: RunExplanation,
): Promise<RunExplanation> {
  const job = services.definitions().jobs.get(explanation.job);
  if (job?.stream === undefined || explanation.state !== "RUNNING") return explanation;
  const { group, topics } = job.stream;
  const [found, known, breakers, nowMs] = await Promise.all([
    services.store.findGroup(group),
    topicsIfThere(state),
    services.store.listBreakers(),
    services.store.readClockMs(),
  ]);
  const boundsOf = toBoundsLookup(known ?? []);
  const lags = new Map<number, number>();
  for (const position of found?.positions ?? []) {
    lags.set(position.partition, (lags.get(position.partition) ?? 0) + lagOf(position, boundsOf));
  }
  const stream = explainStream({
    runId: explanation.runId,
    group,
    topics: topics.map(({ name }) => name),
    state: found,
    lags,
    openBreakers: breakers.filter(({ name, state: now }) => now === "open" && job.connections.includes(name)),
    nowMs,
  });
  if (stream === undefined) return explanation;
  if (known === undefined) return { ...explanation, details: [logIsAway, ...explanation.details] };
  return { ...explanation, ...stream, details: [...stream.details, explanation.summary, ...explanation.details] };
}

const logIsAway = "the log that has its topics does not answer";

async function topicsIfThere(state: StreamState): Promise<readonly TopicState[] | undefined> {
  try {
    return await state.topics();
  } catch (error) {
    if (error instanceof MillraceError) return undefined;
    throw error;
  }
}
