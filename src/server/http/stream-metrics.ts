// What Prometheus reads of topics and groups.
import type { OpenBatch } from "../../store/streams/batches/batch-store.ts";
import type { TopicState } from "../../core/stream/stream-log.ts";
import { StreamState } from "../rest/streams/stream-state.ts";
import { type GroupFacts, lagOf } from "../rest/streams/to-group-view.ts";
import type { ServerServices } from "../server-services.ts";

/** A gauge with its values by labels. */
export interface GaugeValues {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly values: readonly (readonly [Readonly<Record<string, string>>, number])[];
}

/** Reads them anew at each call. @throws MillraceError `LOG_UNAVAILABLE` and the like */
export function createStreamMetrics(
  services: Pick<ServerServices, "store" | "streams">,
): () => Promise<readonly GaugeValues[]> {
  const state = new StreamState(services);
  return async () => {
    const { store } = services;
    const [groups, topics, open] = await Promise.all([state.groups(), state.topics(), store.listOpenBatches()]);
    const facts = await state.facts(groups, topics);
    return [...measureTopics(topics), ...measureGroups(facts), ...measureBatches(open)];
  };
}

function measureTopics(topics: readonly TopicState[]): readonly GaugeValues[] {
  const each = (measure: (topic: TopicState) => number): GaugeValues["values"] =>
    topics.map((topic) => [{ topic: topic.name }, measure(topic)]);
  const labels = ["topic"];
  return [
    {
      name: "millrace_topic_appended_records",
      help: "records ever appended",
      labels,
      values: each(({ bounds }) => sum(bounds.map(({ end }) => end))),
    },
    {
      name: "millrace_topic_records",
      help: "records that can be read",
      labels,
      values: each(({ bounds }) => sum(bounds.map(({ start, end }) => end - start))),
    },
    {
      name: "millrace_topic_bytes",
      help: "of what can be read, as far as the log tells",
      labels,
      values: each(({ bounds }) => sum(bounds.map(({ bytes = 0 }) => bytes))),
    },
  ];
}

function measureGroups(facts: readonly GroupFacts[]): readonly GaugeValues[] {
  const each = (measure: (facts: GroupFacts) => number): GaugeValues["values"] =>
    facts.map((one) => [{ group: one.group.group }, measure(one)]);
  const of = (name: string, help: string, measure: (facts: GroupFacts) => number): GaugeValues => {
    return { name, help, labels: ["group"], values: each(measure) };
  };
  return [
    {
      name: "millrace_group_lag_records",
      help: "records that a group has yet to commit",
      labels: ["group", "topic"],
      values: facts.flatMap(lagByTopic),
    },
    of("millrace_group_lag_seconds", "age of the oldest record that a group has yet to commit", oldestSeconds),
    of("millrace_group_committed_records", "records that a group has passed, of all of its topics", ({ group }) =>
      sum(group.positions.map(({ offset }) => offset)),
    ),
    of("millrace_group_members", "runs that work for a group", ({ group }) => group.members.length),
    of("millrace_group_parked_records", "records that wait for their next try", ({ group }) => group.parked),
    of("millrace_group_dead_letters", "records that wait for a decision", ({ group }) => group.openDeadLetters),
  ];
}

/** Groups without an open batch are left out. */
function measureBatches(open: readonly OpenBatch[]): readonly GaugeValues[] {
  const gauge = (name: string, help: string, batches: readonly OpenBatch[]): GaugeValues => {
    return { name, help, labels: ["group"], values: batches.map(({ group }) => [{ group }, 1]) };
  };
  const stuck = open.filter(({ run }) => run !== "unfinished");
  return [
    gauge("millrace_group_open_batches", "batches that are with a run, or wait for a decision", open),
    gauge("millrace_group_stuck_batches", "open batches whose run has failed or was stopped: nothing goes on", stuck),
  ];
}

function lagByTopic({ group, boundsOf }: GroupFacts): GaugeValues["values"] {
  const lags = new Map<string, number>();
  for (const position of group.positions) {
    lags.set(position.topic, (lags.get(position.topic) ?? 0) + lagOf(position, boundsOf));
  }
  return [...lags].map(([topic, lag]) => [{ group: group.group, topic }, lag]);
}

function oldestSeconds({ group, waitOf }: GroupFacts): number {
  return Math.max(0, ...group.positions.map((position) => waitOf(position) ?? 0)) / 1_000;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
