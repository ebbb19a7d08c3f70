// A join of two topics in a world: keys of which both records come, or one, or both too late, and what must become of them.
import { z } from "zod";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import type { Job } from "../../../src/core/job/job.ts";
import type { TopicState } from "../../../src/core/stream/stream-log.ts";
import { defineTopic, type Topic } from "../../../src/core/stream/topic.ts";
import type { Store } from "../../../src/store/store.ts";
import type { DeadLetterSummary } from "../../../src/store/streams/stream-store.ts";
import { joinJob } from "../../../src/stream/jobs/join-job.ts";
import { encodeValue } from "../../../src/stream/produce/encode-value.ts";
import { partitionRecords } from "../../../src/stream/records/partition-records.ts";
import { worldStartMs } from "../world/simulated-world.ts";
import type { SimulationRandom } from "../world/simulation-random.ts";
import type { MemberParts } from "./stream-member.ts";
import type { JoinPlan, StreamPlan } from "./stream-plan.ts";
import { appendSurely } from "./stream-producer.ts";

export const joinGroup = "pair";
const sides = ["lefts", "rights"] as const;
type Side = (typeof sides)[number];

const halfSchema = z.object({ key: z.string(), side: z.enum(sides), isFlaky: z.boolean() });
type Half = z.infer<typeof halfSchema>;
const pairSchema = z.object({ key: z.string() });

const pairs = defineTopic({ name: "pairs", partitions: 1, schema: pairSchema });

function halves<const Name extends Side>(name: Name, partitions: number): Topic<Name, Half, Half> {
  return defineTopic({ name, partitions, schema: halfSchema, key: ({ key }) => key });
}

/** The job of the join. */
export function pairJob(plan: StreamPlan, { expireMs }: JoinPlan): Job {
  return joinJob({
    name: joinGroup,
    by: "key",
    inputs: { left: halves("lefts", plan.partitions), right: halves("rights", plan.partitions) },
    expire: `${expireMs}ms`,
    duplicates: "first",
    lanes: plan.lanes,
    deadLetter: { after: 9, wait: "100ms" },
    output: pairs,
    handle: ({ left, right }, ctx) => {
      const isFlaky = left.isFlaky || right.isFlaky;
      if (isFlaky && ctx.record.tries === 0) throw new MillraceError("SERVICE_UNAVAILABLE", "not yet");
      return { key: left.key };
    },
  });
}

interface Coming {
  readonly side: Side;
  /** When it happened, and since when it is known to be in the log. */
  readonly timeMs: number;
  readonly thereMs: number;
}

type Expired = Pick<DeadLetterSummary, "atMs" | "partition">;

/** What is joined in one world. */
export class JoinScene {
  readonly #parts: MemberParts;
  readonly #plan: StreamPlan;
  readonly #join: JoinPlan;
  readonly #random: SimulationRandom;
  readonly #comings = new Map<string, Coming[]>();
  #underWay = 0;

  constructor(parts: MemberParts, plan: StreamPlan, join: JoinPlan, random: SimulationRandom) {
    this.#parts = parts;
    this.#plan = plan;
    this.#join = join;
    this.#random = random;
  }

  /** Schedules what comes. @param go is told of work that must not fail */
  async begin(store: Store, go: (work: Promise<unknown>) => void): Promise<void> {
    const { partitions, healAtMs } = this.#plan;
    const own = this.#random;
    const topics = {
      lefts: await store.declareTopic({ name: "lefts", partitions, retentionMs: undefined }),
      rights: await store.declareTopic({ name: "rights", partitions, retentionMs: undefined }),
    };
    await store.declareTopic({ name: "pairs", partitions: 1, retentionMs: undefined });
    for (let number = 1; number <= this.#join.keys; number += 1) {
      const key = `j${number}`;
      const first = own.pick(sides);
      const second = first === "lefts" ? "rights" : "lefts";
      const atMs = own.integer(0, healAtMs);
      const comings: (readonly [Side, number])[] = [[first, atMs]];
      // Some are on time, some just so or just not, and some never come.
      if (own.chance(0.7)) comings.push([second, atMs + Math.floor(this.#join.expireMs * own.next() * 1.3)]);
      if (own.chance(0.2)) comings.push([first, atMs + own.integer(1, this.#join.expireMs)]);
      this.#comings.set(key, []);
      for (const [index, [side, ms]] of comings.entries()) {
        this.#underWay += 1;
        const value = { key, side, isFlaky: own.chance(0.2) };
        this.#parts.loop.after(ms, () => go(this.#produce(topics[side], `${key} ${index}`, value)));
      }
    }
  }

  async #produce(topic: TopicState, producer: string, value: Half): Promise<void> {
    const { loop } = this.#parts;
    const timeMs = loop.nowMs;
    const record = encodeValue(halves(value.side, this.#plan.partitions), value, { nowMs: timeMs });
    const records = partitionRecords([record], this.#plan.partitions, 0);
    await appendSurely({ parts: this.#parts, topic, records, producer, sequence: 1 });
    this.#comings.get(value.key)?.push({ side: value.side, timeMs, thereMs: loop.nowMs });
    this.#underWay -= 1;
  }

  /** Whether all has come, was read, and no key waits. */
  async isIdle(store: Store): Promise<boolean> {
    if (this.#underWay > 0) return false;
    const group = await store.findGroup(joinGroup);
    for (const side of sides) {
      const topic = await store.findTopic(side);
      for (const { partition, end } of topic?.bounds ?? []) {
        const at = group?.positions.find((position) => position.topic === side && position.partition === partition);
        if (at?.offset !== end) return false;
      }
    }
    return (await store.listJoins(joinGroup)).every(({ state }) => state === "emitted");
  }

  /** Tells the model what is broken. @param emitted keys, as often as they are in the output */
  async check(store: Store, emitted: readonly string[]): Promise<void> {
    const letters = await store.listDeadLetters({ group: joinGroup, limit: 10_000 });
    for (const [key, comings] of this.#comings) {
      const times = emitted.filter((one) => one === key).length;
      const expired = letters.filter(({ keyText }) => keyText === key);
      this.#checkKey(key, comings, times, expired);
    }
  }

  #checkKey(key: string, comings: readonly Coming[], times: number, expired: readonly Expired[]): void {
    const expiredAtMs = expired.map(({ atMs }) => atMs);
    const { model } = this.#parts;
    const firstMs = Math.min(...comings.map(({ timeMs }) => timeMs));
    const dueMs = firstMs + this.#join.expireMs;
    const told = `key ${key} was emitted ${times} times and expired ${expiredAtMs.length} times`;
    for (const atMs of expiredAtMs) if (atMs < dueMs) model.object("join", `${told}, ${dueMs - atMs} ms too early`);
    if (times > 1) model.object("join", told);
    const isBoth = new Set(comings.map(({ side }) => side)).size === 2;
    // What was in the log before the time was over is joined, however late anybody looks.
    if (isBoth && comings.every(({ thereMs }) => thereMs < dueMs) && (times !== 1 || expiredAtMs.length > 0))
      model.object("join", `${told}, both were there in time`);
    const isEarly = comings.every(({ timeMs }) => timeMs < dueMs);
    if (
      !isBoth &&
      isEarly &&
      comings.every(({ thereMs }) => thereMs < dueMs) &&
      (times > 0 || expiredAtMs.length !== 1)
    )
      model.object("join", `${told}, one side never came`);
    // Whatever came late: each record has one end.
    if (times + expiredAtMs.length === 0 || times * 2 + expiredAtMs.length > comings.length)
      model.object("join", `${told}, of ${comings.length} records`);
    // In the calm the deadline is exact: somebody looks when it has come.
    const calmMs = worldStartMs + this.#plan.healAtMs + this.#plan.takeoverMs + 5_000;
    const [only] = expired;
    if (!isEarly || only === undefined || expired.length > 1 || dueMs < calmMs) return;
    if (only.atMs > dueMs + 100 && model.isWellHeld(joinGroup, only.partition, dueMs))
      model.object("join", `${told}, ${only.atMs - dueMs} ms late in the calm`);
  }
}
