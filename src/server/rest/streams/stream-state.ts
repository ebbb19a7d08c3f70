// What handlers know of topics and groups at one moment: bounds of the log, places of groups, and how fast both move.
import type { GroupState } from "../../../core/stream/stream-ledger.ts";
import type { StreamLog, TopicState } from "../../../core/stream/stream-log.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { suggest } from "../../../core/errors/suggest.ts";
import type { ServerServices } from "../../server-services.ts";
import { Rates } from "./rates.ts";
import { type BoundsLookup, type GroupFacts, type GroupPosition, lagOf, toBoundsLookup } from "./to-group-view.ts";

type StreamServices = Pick<ServerServices, "store" | "streams">;

/** Records looked at for the ages of one answer; beyond that an age is unknown. */
const maxAges = 500;
const maxKnownTimes = 10_000;

/** Kept for the life of the server, since rates come of two looks. */
export class StreamState {
  readonly #services: StreamServices;
  readonly #rates: Rates;
  /** Time of the record at a place, which never changes. */
  readonly #times = new Map<string, number>();

  constructor(services: StreamServices, rates: Rates = new Rates()) {
    this.#services = services;
    this.#rates = rates;
  }

  async log(): Promise<StreamLog> {
    return await this.#services.streams.log();
  }

  /** All topics of the log, by name. */
  async topics(): Promise<readonly TopicState[]> {
    return await (await this.log()).listTopics();
  }

  /** @throws MillraceError `TOPIC_UNKNOWN` with the closest name */
  async topic(name: string): Promise<TopicState> {
    const log = await this.log();
    const found = await log.findTopic(name);
    if (found !== undefined) return found;
    const known = (await log.listTopics()).map((topic) => topic.name);
    throw new MillraceError("TOPIC_UNKNOWN", `unknown topic \`${name}\`${suggest(name, known)}`, {
      hint: this.#services.streams.topics().has(name)
        ? "the project defines it, and it is made when something is first produced or read"
        : "`millrace topic list` shows them",
    });
  }

  async groups(): Promise<readonly GroupState[]> {
    return await this.#services.store.listGroups();
  }

  /** @throws MillraceError `GROUP_UNKNOWN` with the closest name */
  async group(name: string): Promise<GroupState> {
    const found = await this.#services.store.findGroup(name);
    if (found !== undefined) return found;
    const known = (await this.groups()).map(({ group }) => group);
    throw new MillraceError("GROUP_UNKNOWN", `unknown group \`${name}\`${suggest(name, known)}`, {
      hint: "a group has the name of its job, and is there when the job has run once",
    });
  }

  /** Records appended a second. */
  rateIn({ id, bounds }: TopicState): number | null {
    const end = bounds.reduce((sum, partition) => sum + partition.end, 0);
    return this.#rates.observe(`in:${id}`, end);
  }

  /** Records of a topic that groups commit a second. */
  rateOut({ id }: TopicState, groups: readonly GroupState[]): number | null {
    const places = groups.flatMap(({ positions }) => positions.filter(({ topicId }) => topicId === id));
    return this.#rates.observe(
      `out:${id}`,
      places.reduce((sum, { offset }) => sum + offset, 0),
    );
  }

  /** Of each group, in their order. */
  async facts(groups: readonly GroupState[], topics: readonly TopicState[]): Promise<readonly GroupFacts[]> {
    const boundsOf = toBoundsLookup(topics);
    const waits = await this.#readWaits(groups, boundsOf);
    return groups.map((group) => ({
      group,
      boundsOf,
      waitOf: (position) => waits.get(position),
      rate: this.#rates.observe(
        `group:${group.group}`,
        group.positions.reduce((sum, { offset }) => sum + offset, 0),
      ),
    }));
  }

  async #readWaits(groups: readonly GroupState[], boundsOf: BoundsLookup): Promise<ReadonlyMap<GroupPosition, number>> {
    const behind = groups.flatMap(({ positions }) => positions.filter((position) => lagOf(position, boundsOf) > 0));
    const waits = new Map<GroupPosition, number>();
    if (behind.length === 0) return waits;
    const [log, nowMs] = await Promise.all([this.log(), this.#services.store.readClockMs()]);
    const read = behind.slice(0, maxAges).map(async (position) => {
      const atMs = await this.#timeOf(log, position, boundsOf);
      if (atMs !== undefined) waits.set(position, Math.max(0, nowMs - atMs));
    });
    await Promise.all(read);
    return waits;
  }

  async #timeOf(log: StreamLog, position: GroupPosition, boundsOf: BoundsLookup): Promise<number | undefined> {
    const { topic, topicId, partition, offset } = position;
    const from = Math.max(offset, boundsOf(topicId, partition)?.start ?? 0);
    const key = `${topicId}/${partition}/${from}`;
    const known = this.#times.get(key);
    if (known !== undefined) return known;
    const first = await readFirst(log, { topic: { name: topic, id: topicId }, partition, from });
    if (first === undefined) return undefined;
    if (this.#times.size >= maxKnownTimes) this.#times.clear();
    this.#times.set(key, first);
    return first;
  }
}

type Place = Pick<Parameters<StreamLog["read"]>[0], "topic" | "partition" | "from">;

// Retention may have passed by since the bounds were read: then nobody knows the age, and the list is worth more than it.
async function readFirst(log: StreamLog, place: Place): Promise<number | undefined> {
  try {
    const { records } = await log.read({ ...place, maxBytes: 1 });
    return records[0]?.timeMs;
  } catch (error) {
    if (error instanceof MillraceError && error.code !== "INTERNAL") return undefined;
    throw error;
  }
}
