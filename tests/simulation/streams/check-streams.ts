// What must be so when a world of streams has come to rest: each record once, in the order of its key, and nothing left over.
import type { TopicState } from "../../../src/core/stream/stream-log.ts";
import type { LogRecord } from "../../../src/core/stream/stream-record.ts";
import type { Store } from "../../../src/store/store.ts";
import { createEmbeddedLog } from "../../../src/stream/embedded/embedded-log.ts";
import { batchGroup } from "./stream-batches.ts";
import type { Copied } from "./stream-jobs.ts";
import type { StreamModel } from "./stream-model.ts";
import type { StreamPlan, StreamValue } from "./stream-plan.ts";

export interface StreamEnd {
  readonly store: Store;
  readonly model: StreamModel;
  readonly plan: StreamPlan;
  readonly acknowledged: ReadonlySet<string>;
  /** How often a record ended its process, by `partition/offset`. */
  readonly kills: ReadonlyMap<string, number>;
  /** How often the group was put back. */
  readonly seeks: number;
}

/** Handlers throw nothing else that lasts. */
const givenUpFor: ReadonlySet<string> = new Set(["JOB_FAILED", "RECORD_POISONOUS"]);

interface Placed<Value> {
  readonly partition: number;
  readonly record: LogRecord;
  readonly value: Value;
}

/** Tells the model of what is broken. */
export async function checkStreams(end: StreamEnd): Promise<void> {
  const { store, model } = end;
  const orders = await readTopic<StreamValue>(store, "orders");
  const copied = await readTopic<Copied>(store, "copies");
  checkProduced(end, orders);
  const letters = await store.listDeadLetters({ group: "copy", limit: 10_000 });
  for (const { partition, offset, errorCode } of letters)
    if (!givenUpFor.has(errorCode))
      model.object("dead letter", `record ${partition}/${offset} is one for \`${errorCode}\``);
  const given = new Set(letters.map(({ partition, offset }) => `${partition}/${offset}`));
  const open = new Map<string, number>();
  for (const { partition, offset, state } of letters) if (state === "open") count(open, `${partition}/${offset}`);
  const done = new Map<string, number>();
  for (const { value } of copied) count(done, `${value.partition}/${value.offset}`);
  const topicId = (await topicOf(store, "orders")).id;
  for (const { partition, record } of orders) {
    const place = `${partition}/${record.offset}`;
    const passes = model.passes.get(`copy/${topicId}/${place}`) ?? 0;
    const ends = (done.get(place) ?? 0) + (open.get(place) ?? 0);
    // Several dead letters of one record, which came again because of a seek, are given back as one.
    const isFew = given.has(place) && end.seeks > 0 ? ends === 0 || ends > passes : ends !== passes;
    if (passes === 0 || isFew)
      model.object("exactly once", `record ${place} was passed ${passes} times and came to its end ${ends} times`);
    if (end.seeks === 0 && passes > 1) model.object("offset", `record ${place} was passed ${passes} times`);
    done.delete(place);
  }
  for (const place of done.keys()) model.object("exactly once", `${place} was copied and is no record`);
  if (end.seeks === 0) checkOrder(model, copied, given);
  checkKills(end);
  await checkBatches(store, model, orders);
  for (const problem of await store.verify()) model.object("store", JSON.stringify(problem));
}

function checkProduced({ model, acknowledged }: StreamEnd, orders: readonly Placed<StreamValue>[]): void {
  const there = new Map<string, number>();
  for (const { value } of orders) count(there, value.id);
  for (const [id, times] of there) if (times > 1) model.object("produced once", `${id} is there ${times} times`);
  for (const id of acknowledged) if (!there.has(id)) model.object("durable", `${id} was acknowledged and is not there`);
}

// What was a dead letter and was given back comes when it comes.
function checkOrder(model: StreamModel, copied: readonly Placed<Copied>[], given: ReadonlySet<string>): void {
  const last = new Map<string, number>();
  for (const { value } of copied) {
    if (given.has(`${value.partition}/${value.offset}`)) continue;
    const line = `${value.partition} ${value.key}`;
    const before = last.get(line) ?? -1;
    if (value.offset <= before) model.object("order", `key ${line}: ${value.offset} comes after ${before}`);
    last.set(line, value.offset);
  }
}

// More than is said: where several partitions of a run were lost with records in hand, those that wait for their turn have nothing in
// hand meanwhile, and their count begins anew.
function checkKills({ model, plan, kills, seeks }: StreamEnd): void {
  const most = plan.deadLetterAfter * 2 * (seeks + 1);
  for (const [place, times] of kills)
    if (times > most) model.object("poison", `record ${place} ended ${times} processes, at most ${most} were to be`);
}

async function checkBatches(store: Store, model: StreamModel, orders: readonly Placed<StreamValue>[]): Promise<void> {
  const found = new Map<string, number>();
  const batches = await store.listBatches({ group: batchGroup, limit: 10_000 });
  for (const { number, state, result, ranges } of batches) {
    if (state !== "done") model.object("batch", `batch ${number} is ${state} when all is at rest`);
    const places = result as readonly string[];
    const told = ranges.flatMap(({ partition, from, to }) =>
      Array.from({ length: to - from }, (_, n) => `${partition}/${from + n}`),
    );
    if (places.join() !== told.join()) model.object("batch", `batch ${number} had other records than its ranges say`);
    for (const place of places) count(found, place);
  }
  for (const { partition, record } of orders) {
    const times = found.get(`${partition}/${record.offset}`) ?? 0;
    if (times !== 1) model.object("batch", `record ${partition}/${record.offset} is in ${times} batches`);
  }
}

async function topicOf(store: Store, name: string): Promise<TopicState> {
  const topic = await store.findTopic(name);
  if (topic === undefined) throw new Error(`topic \`${name}\` is not there`);
  return topic;
}

/** All records of a topic, partition by partition, in the order of their offsets. */
export async function readTopic<Value>(store: Store, name: string): Promise<readonly Placed<Value>[]> {
  const log = createEmbeddedLog({ blocks: store, clock: { now: () => 0, sleep: async () => undefined } });
  const topic = await topicOf(store, name);
  const found: Placed<Value>[] = [];
  for (const { partition, end } of topic.bounds) {
    for (let from = 0; from < end;) {
      const { records, next } = await log.read({ topic, partition, from, maxBytes: 1_000_000 });
      for (const record of records)
        found.push({ partition, record, value: JSON.parse(Buffer.from(record.value ?? []).toString()) as Value });
      from = next;
    }
  }
  return found;
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
