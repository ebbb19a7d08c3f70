// Records counted by their keys, with counts and offset in one durable transaction; and records that each leave one more behind.
import type { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { defineStore, type StoreState } from "../../src/core/stream/store.ts";
import type { StreamLog } from "../../src/core/stream/stream-log.ts";
import { defineTopic, type Topic } from "../../src/core/stream/topic.ts";
import { streamJob } from "../../src/stream/jobs/stream-job.ts";
import { defineEvents, digestCounts, eventRecord, type KeyedEvent } from "./keyed-events.ts";
import { openDurable } from "./raw-log.ts";
import type { StreamSide } from "./stream-side.ts";
import { openStreams, type StreamsPlace, type StreamsUnderBench } from "./streams-under-bench.ts";

export interface CountInput extends StreamsPlace {
  readonly count: number;
}

const events = defineEvents("events");
const questions = defineTopic({ name: "questions", schema: z.object({}) });
const counts = defineStore({
  name: "counts",
  topic: events,
  apply: (store: StoreState<number>, _event: KeyedEvent, { key }) => store.update(key, (count = 0) => count + 1),
});

/** Fills the topic that is counted. */
export async function fillTopic({ count, ...place }: CountInput, log?: StreamLog): Promise<void> {
  await using streams = await openStreams({ ...place, log });
  const topic = await streams.declare(events);
  for (let from = 0; from < count; from += 5_000) {
    const records = Array.from({ length: Math.min(5_000, count - from) }, (_, index) => eventRecord(from + index));
    await streams.append(topic, records);
  }
}

/** A store counts; a handler that looks into it waits until it holds what the topic had. From the start of the run to that. */
export async function countWithStore({ count: _count, ...place }: CountInput, log?: StreamLog): Promise<StreamSide> {
  await using streams = await openStreams({ ...place, log });
  return await answer(streams);
}

async function answer(streams: StreamsUnderBench): Promise<StreamSide> {
  const asked = await streams.declare(questions);
  const answered = Promise.withResolvers<StreamSide>();
  const startedAtMs = performance.now();
  const used = process.cpuUsage();
  const job = streamJob({
    name: "ask",
    topic: questions,
    stores: [counts],
    handle(_question, ctx) {
      const ms = performance.now() - startedAtMs;
      const { user, system } = process.cpuUsage(used);
      const entries = [...ctx.store(counts).entries()].map(({ key, value }) => [key, value] as const);
      const records = entries.reduce((sum, [, count]) => sum + count, 0);
      answered.resolve({ ms, cpuMs: (user + system) / 1_000, records, digest: digestCounts(entries) });
    },
  });
  await streams.append(asked, [{ key: null, value: Buffer.from("{}"), headers: [], timeMs: Date.now() }]);
  await streams.work(job);
  return await answered.promise;
}

/** Rows that the loop by hand reads. @param path of its file */
export function fillRows(path: string, count: number): void {
  using database = openDurable(path);
  database.exec("create table log (place integer primary key, value text not null); begin");
  const insert = database.prepare("insert into log (value) values (?)");
  for (let index = 0; index < count; index += 1) insert.run(Buffer.from(eventRecord(index).value ?? []).toString());
  database.exec("commit");
}

/** One loop over such rows: parses, counts 10,000 at a time, and writes the changed counts and the offset in one transaction. */
export async function countByHand({ address }: CountInput): Promise<StreamSide> {
  return loopOver(address, () => undefined);
}

/** The same, and a row for each record in that transaction. */
export async function leaveRowsByHand({ address }: CountInput): Promise<StreamSide> {
  return loopOver(address, (database) => {
    database.exec("drop table if exists result; create table result (place integer primary key, value text not null)");
    const insert = database.prepare("insert into result (value) values (?)");
    return (id) => void insert.run(`{"id":"${id}"}`);
  });
}

/** @param toEffect makes what is done for each record, in the transaction of its count */
function loopOver(path: string, toEffect: (database: DatabaseSync) => ((id: string) => void) | undefined): StreamSide {
  using database = openDurable(path);
  database.exec(`drop table if exists entry; drop table if exists reader;
    create table entry (key text primary key, value integer not null) without rowid;
    create table reader (place integer not null); insert into reader values (0)`);
  const effect = toEffect(database);
  const startedAtMs = performance.now();
  const select = database.prepare("select value from log where place > ? order by place limit 10000");
  const put = database.prepare(
    "insert into entry (key, value) values (?, ?) on conflict (key) do update set value = value + excluded.value",
  );
  const move = database.prepare("update reader set place = ?");
  let place = 0;
  for (let rows = select.all(place); rows.length > 0; rows = select.all(place)) {
    database.exec("begin immediate");
    const found = new Map<string, number>();
    for (const { value } of rows) {
      const { id } = JSON.parse(String(value)) as KeyedEvent;
      found.set(id, (found.get(id) ?? 0) + 1);
      effect?.(id);
    }
    place += rows.length;
    for (const [key, count] of found) put.run(key, count);
    move.run(place);
    database.exec("commit");
  }
  const ms = performance.now() - startedAtMs;
  const entries = database
    .prepare("select key, value from entry")
    .all()
    .map(({ key, value }) => [String(key), Number(value)] as const);
  return { ms, records: entries.reduce((sum, [, count]) => sum + count, 0), digest: digestCounts(entries) };
}

/** Each record makes another one, which is written in the transaction of its offset. */
export async function pipeRecords({ count, ...place }: CountInput, log?: StreamLog): Promise<StreamSide> {
  await using streams = await openStreams({ ...place, log });
  const results = defineTopic({ name: `results_${Date.now()}`, partitions: 4, schema: z.object({ id: z.string() }) });
  const done = Promise.withResolvers<void>();
  const job = streamJob({
    name: `pipe_${Date.now()}`,
    topic: events,
    handle: ({ id }, ctx) => ctx.produce(results, [{ id }]),
  });
  let committed = 0;
  const startedAtMs = performance.now();
  await streams.work(job, {
    onCommit({ partitions }) {
      for (const { moves } of partitions) for (const { from, to } of moves) committed += to - from;
      if (committed >= count) done.resolve();
    },
  });
  await done.promise;
  const ms = performance.now() - startedAtMs;
  return { ms, records: await countRecords(streams.log, results) };
}

/** Records of a topic, as its readers see them: ends of transactions are none. */
export async function countRecords(log: StreamLog, { name }: Topic): Promise<number> {
  const topic = await log.findTopic(name);
  let records = 0;
  for (const { partition, start, end } of topic?.bounds ?? []) {
    for (let from = start; topic !== undefined && from < end;) {
      const read = await log.read({ topic, partition, from, maxBytes: 4_194_304 });
      records += read.records.length;
      from = read.next;
    }
  }
  return records;
}
