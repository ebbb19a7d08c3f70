// Topics: what they hold, looking at records, appending some, and forgetting what nobody needs.
import type { TopicView, TrimmedTopic } from "../../../api/streams/topic.ts";
import type { GroupState } from "../../../core/stream/stream-ledger.ts";
import type { PartitionBounds, StreamLog, TopicState } from "../../../core/stream/stream-log.ts";
import type { CallContext, CallInput, Handlers } from "../../handler.ts";
import { requestInvalid } from "../../request-invalid.ts";
import type { ServerServices } from "../../server-services.ts";
import { peek } from "./peek.ts";
import type { StreamState } from "./stream-state.ts";
import { lagOf, toBoundsLookup } from "./to-group-view.ts";

export function createTopicHandlers(
  services: ServerServices,
  state: StreamState,
): Handlers<"listTopics" | "showTopic" | "peekRecords" | "produceRecords" | "trimTopic" | "deleteTopic"> {
  return {
    async listTopics() {
      const [log, groups] = await Promise.all([state.log(), state.groups()]);
      const topics = await log.listTopics();
      return { items: topics.map((topic) => toTopicView(services, state, { log, topic, groups })) };
    },
    async showTopic({ params }) {
      const [log, topic, groups] = await Promise.all([state.log(), state.topic(params.topic), state.groups()]);
      return {
        ...toTopicView(services, state, { log, topic, groups }),
        bounds: topic.bounds.map(({ bytes, ...bounds }) => ({ ...bounds, bytes: bytes ?? null })),
        produced_by: listProducers(services, topic.name),
      };
    },
    peekRecords: async ({ params, query }, { signal }) =>
      await peek(await state.log(), await state.topic(params.topic), query, signal),
    produceRecords: (input, context) => produceRecords(services, input, context),
    trimTopic: (input) => trimTopic(state, input),
    async deleteTopic({ params }) {
      const topic = await state.topic(params.topic);
      await (await state.log()).deleteTopic(topic);
      return null;
    },
  };
}

interface TopicFacts {
  readonly log: StreamLog;
  readonly topic: TopicState;
  readonly groups: readonly GroupState[];
}

function toTopicView({ streams }: ServerServices, state: StreamState, { log, topic, groups }: TopicFacts): TopicView {
  const { name, id, bounds, retentionMs } = topic;
  const readers = groups.filter(({ positions }) => positions.some(({ topicId }) => topicId === id));
  const bytes = bounds.map((partition) => partition.bytes);
  return {
    topic: name,
    topic_id: id,
    log: log.kind,
    defined: streams.topics().has(name),
    partitions: bounds.length,
    records: bounds.reduce((sum, { start, end }) => sum + end - start, 0),
    bytes: bytes.includes(undefined) ? null : bytes.reduce<number>((sum, own) => sum + (own ?? 0), 0),
    retention_ms: retentionMs ?? null,
    rate_in: state.rateIn(topic),
    rate_out: readers.length === 0 ? null : state.rateOut(topic, readers),
    groups: readers.map((group) => toTopicGroup(group, topic)),
  };
}

function toTopicGroup({ group, job, positions }: GroupState, topic: TopicState): TopicView["groups"][number] {
  const boundsOf = toBoundsLookup([topic]);
  const lag = positions.reduce((sum, position) => sum + lagOf(position, boundsOf), 0);
  return { group, job_name: job, lag };
}

function listProducers({ definitions }: ServerServices, topic: string): readonly string[] {
  const jobs = [...definitions().jobs.values()];
  return jobs.filter(({ stream }) => stream?.produces.some(({ name }) => name === topic)).map(({ name }) => name);
}

async function produceRecords(
  { streams }: ServerServices,
  { params: { topic }, body }: CallInput<"produceRecords">,
  { caller, exchange }: CallContext,
): ReturnType<Handlers<"produceRecords">["produceRecords"]> {
  const header = exchange?.request.headers["idempotency-key"];
  const given = body.idempotency_key ?? (typeof header === "string" ? header : undefined);
  const produced = await streams.produce(topic, {
    records: body.records.map(({ value, key, headers = {}, at }) => {
      return { value, key, headers, atMs: at === undefined ? undefined : Date.parse(at) };
    }),
    // Two callers that choose the same text mean two things.
    idempotencyKey: given === undefined ? undefined : `${caller.tokenId}/${given}`,
  });
  return { topic, records: produced.records, ranges: produced.ranges };
}

async function trimTopic(state: StreamState, { params, body }: CallInput<"trimTopic">): Promise<TrimmedTopic> {
  const [log, topic] = await Promise.all([state.log(), state.topic(params.topic)]);
  const ranges = (await findTrims(log, topic, body)).filter(({ from, to }) => to > from);
  const unread = findUnread(await state.groups(), topic, ranges);
  const isDone = body.preview !== true && ranges.length > 0;
  if (isDone && unread.length > 0 && body.unread !== true) throw requestInvalid(unreadIssue(unread));
  if (isDone) for (const { partition, to } of ranges) await log.truncate(topic, partition, to);
  return {
    topic: topic.name,
    ranges,
    records: ranges.reduce((sum, { from, to }) => sum + to - from, 0),
    unread_by: unread,
    changed: isDone,
  };
}

type TrimBody = CallInput<"trimTopic">["body"];
type Ranges = TrimmedTopic["ranges"];

async function findTrims(log: StreamLog, topic: TopicState, body: TrimBody): Promise<Ranges> {
  const { partition, before, before_time: beforeTime, all } = body;
  const given = [before, beforeTime, all === true ? all : undefined].filter((one) => one !== undefined);
  if (given.length !== 1)
    throw requestInvalid({ path: "body", message: "expected one of `before`, `before_time`, `all`" });
  if (before !== undefined && partition === undefined) throw requestInvalid(needsPartition);
  const bounds = topic.bounds.filter((one) => partition === undefined || one.partition === partition);
  if (bounds.length === 0) {
    throw requestInvalid({
      path: "body.partition",
      message: `the topic has the partitions 0 to ${topic.partitions - 1}`,
    });
  }
  const endOf = async (one: PartitionBounds): Promise<number> => {
    if (before !== undefined) return Math.min(before, one.end);
    return beforeTime === undefined ? one.end : await log.offsetAt(topic, one.partition, Date.parse(beforeTime));
  };
  return await Promise.all(
    bounds.map(async (one) => ({ partition: one.partition, from: one.start, to: await endOf(one) })),
  );
}

/** Groups that have yet to read some of what goes. */
function findUnread(groups: readonly GroupState[], { id }: TopicState, ranges: Ranges): TrimmedTopic["unread_by"] {
  const ends = new Map(ranges.map((range) => [range.partition, range]));
  return groups.flatMap(({ group, job, positions }) => {
    const lag = positions.reduce((sum, { topicId, partition, offset }) => {
      const range = topicId === id ? ends.get(partition) : undefined;
      return range === undefined ? sum : sum + Math.max(0, range.to - Math.max(range.from, offset));
    }, 0);
    return lag === 0 ? [] : [{ group, job_name: job, lag }];
  });
}

function unreadIssue(unread: TrimmedTopic["unread_by"]): { readonly path: string; readonly message: string } {
  const names = unread.map(({ group }) => `\`${group}\``).join(", ");
  return { path: "body.unread", message: `expected \`true\`, as ${names} would miss records that go` };
}

const needsPartition = { path: "body.partition", message: "expected with `before`, whose number is of one partition" };
