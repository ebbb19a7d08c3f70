// Groups: how far they are, and a way to put them to another place.
import type { SeekGroup, SoughtGroup } from "../../../api/streams/group.ts";
import type { GroupState } from "../../../core/stream/stream-ledger.ts";
import type { StreamLog } from "../../../core/stream/stream-log.ts";
import type { CallInput, Handlers } from "../../handler.ts";
import { requestInvalid } from "../../request-invalid.ts";
import type { ServerServices } from "../../server-services.ts";
import type { StreamState } from "./stream-state.ts";
import { type BoundsLookup, toBoundsLookup, toGroupDetail, toGroupView } from "./to-group-view.ts";

export function createGroupHandlers(
  services: ServerServices,
  state: StreamState,
): Handlers<"listGroups" | "showGroup" | "seekGroup"> {
  return {
    async listGroups() {
      const [groups, topics] = await Promise.all([state.groups(), state.topics()]);
      return { items: (await state.facts(groups, topics)).map(toGroupView) };
    },
    async showGroup({ params }) {
      const [group, topics, joins] = await Promise.all([
        state.group(params.group),
        state.topics(),
        services.store.listJoins(params.group),
      ]);
      const [facts] = await state.facts([group], topics);
      if (facts === undefined) throw new RangeError("one group has its facts");
      return toGroupDetail(facts, joins);
    },
    seekGroup: (input) => seekGroup(services, state, input),
  };
}

type Move = SoughtGroup["moves"][number] & { readonly topicId: string };

async function seekGroup(
  { store }: ServerServices,
  state: StreamState,
  { params, body }: CallInput<"seekGroup">,
): Promise<SoughtGroup> {
  const [log, group, topics] = await Promise.all([state.log(), state.group(params.group), state.topics()]);
  const moves = await findMoves(log, group, body, toBoundsLookup(topics));
  const isDone = body.preview !== true && moves.length > 0;
  // Members that hold the partitions lose them, and begin at the new place when they have claimed them again.
  if (isDone) {
    const places = moves.map(({ topic, topicId, partition, to }) => ({ topic, topicId, partition, offset: to }));
    await store.seekGroup(group.group, places, { force: true });
  }
  return {
    group: group.group,
    moves: moves.map(({ topic, partition, from, to }) => ({ topic, partition, from, to })),
    again: moves.reduce((sum, { from, to }) => sum + Math.max(0, from - to), 0),
    skipped: moves.reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0),
    changed: isDone,
  };
}

async function findMoves(
  log: StreamLog,
  { positions }: GroupState,
  body: SeekGroup,
  boundsOf: BoundsLookup,
): Promise<readonly Move[]> {
  assertOnePlace(body);
  const chosen = positions.filter(
    ({ topic, partition }) =>
      (body.topic === undefined || body.topic === topic) &&
      (body.partition === undefined || body.partition === partition),
  );
  if (chosen.length === 0) throw requestInvalid({ path: "body", message: "the group has no such topic or partition" });
  const moves: Move[] = [];
  for (const { topic, topicId, partition, offset: from } of chosen) {
    const bounds = boundsOf(topicId, partition);
    // A topic that is gone has no place to go to.
    if (bounds === undefined) continue;
    const wanted =
      body.at === undefined
        ? (body.offset ?? (body.to === "start" ? bounds.start : bounds.end))
        : await log.offsetAt({ name: topic, id: topicId }, partition, Date.parse(body.at));
    if (wanted < bounds.start || wanted > bounds.end) {
      const message = `expected an offset from ${bounds.start} to ${bounds.end} of partition ${partition}`;
      throw requestInvalid({ path: "body.offset", message });
    }
    if (wanted !== from) moves.push({ topic, topicId, partition, from, to: wanted });
  }
  return moves;
}

function assertOnePlace({ to, at, offset, partition }: SeekGroup): void {
  const given = [to, at, offset].filter((one) => one !== undefined);
  if (given.length !== 1) throw requestInvalid({ path: "body", message: "expected one of `to`, `at`, `offset`" });
  if (offset !== undefined && partition === undefined) {
    const message = "expected with `offset`, whose number is of one partition";
    throw requestInvalid({ path: "body.partition", message });
  }
}
