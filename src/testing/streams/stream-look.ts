// Looks at how far the jobs of a test are: whether all is done, what they wait for, and a mark that differs when something has moved.
import type { Job } from "../../core/job/job.ts";
import type { GroupState, ParkedRecord } from "../../core/stream/stream-ledger.ts";
import type { TopicState } from "../../core/stream/stream-log.ts";
import type { TestWorker } from "../test-worker.ts";

/** What a look found. */
export interface StreamLook {
  /** Whether nobody has anything to do before time is moved. */
  readonly isQuiet: boolean;
  /** Whether nothing is left but what is due now. */
  readonly isDue: boolean;
  /** When the next record or key is tried again that has failed; undefined where none waits for that. */
  readonly nextTryAtMs: number | undefined;
  /** The same as long as nothing moves. Two quiet looks with the same mark prove that all was done between them. */
  readonly mark: string;
  /** What is not done, for people. */
  readonly left: readonly string[];
}

type LookParts = Pick<TestWorker, "store" | "log" | "clock">;

interface Seen {
  readonly position: string;
  readonly left: readonly string[];
  /** What is due now: tries, and keys that expire. */
  readonly due?: number;
  readonly tryAtMs: readonly number[];
}

/** @param jobs whose runs work */
export async function lookAtStreams(parts: LookParts, jobs: readonly Job[]): Promise<StreamLook> {
  const seen = [...(await Promise.all(jobs.map((job) => lookAtJob(parts, job)))), await lookAtReaders(parts, jobs)];
  const isDue = seen.some(({ due = 0 }) => due > 0);
  const left = seen.flatMap((look) => look.left);
  const tries = seen.flatMap(({ tryAtMs }) => tryAtMs);
  return {
    isQuiet: left.length === 0 && !isDue,
    isDue: left.length === 0 && isDue,
    nextTryAtMs: tries.length === 0 ? undefined : Math.min(...tries),
    mark: seen.map(({ position }) => position).join(";"),
    left,
  };
}

async function lookAtJob(parts: LookParts, { stream, name }: Job): Promise<Seen> {
  const { store, clock } = parts;
  if (stream?.replicas === undefined) return { position: "", left: [], tryAtMs: [] };
  const group = await store.findGroup(stream.group);
  if (group === undefined) return { position: "", left: [`job \`${name}\` has not begun`], tryAtMs: [] };
  const topics = await Promise.all(stream.topics.map((topic) => parts.log.findTopic(topic.name)));
  const waiting = topics.reduce((sum, topic) => sum + (topic === undefined ? 0 : lagOf(group, topic)), 0);
  const left = waiting === 0 ? [] : [`job \`${name}\` has ${waiting} records to read`];
  const parked = firstOfKeys(await listParked(parts, group)).map(({ dueAtMs }) => dueAtMs);
  const joins = await store.listJoins(group.group);
  const failed = joins.filter(({ state, keys }) => state === "failed" && keys > 0);
  const expiring = joins.filter(({ state, keys }) => state === "open" && keys > 0);
  const tryAtMs = [...parked, ...failed.map(({ nextDueAtMs }) => nextDueAtMs)];
  const dues = [...tryAtMs, ...expiring.map(({ nextDueAtMs }) => nextDueAtMs)];
  const due = dues.filter((atMs) => atMs <= clock.now()).length;
  const position = group.positions.map(({ partition, offset }) => `${partition}@${offset}`).join(",");
  return { position: `${name} ${position} ${group.openDeadLetters} ${tryAtMs.join(",")}`, left, due, tryAtMs };
}

function lagOf({ positions }: GroupState, { id, bounds }: TopicState): number {
  const at = new Map(positions.flatMap((it) => (it.topicId === id ? [[it.partition, it.offset] as const] : [])));
  return bounds.reduce((sum, { partition, start, end }) => sum + end - (at.get(partition) ?? start), 0);
}

async function listParked({ store }: LookParts, { group, positions, parked }: GroupState): Promise<ParkedRecord[]> {
  if (parked === 0) return [];
  const partitions = [...new Set(positions.map(({ partition }) => partition))];
  const pages = partitions.map((partition) => store.listParked({ group, partition, afterId: 0, limit: 10_000 }));
  return (await Promise.all(pages)).flat();
}

/** Those behind them are tried when they are done. */
function firstOfKeys(parked: readonly ParkedRecord[]): readonly ParkedRecord[] {
  const first = new Map<string, ParkedRecord>();
  for (const row of parked) {
    const key = `${row.partition}${row.laneKey}`;
    if (!first.has(key)) first.set(key, row);
  }
  return [...first.values()];
}

/** Every reader of a topic waits at its end: handlers are done, and stores hold all that came. */
async function lookAtReaders({ log }: LookParts, jobs: readonly Job[]): Promise<Seen> {
  const readers = new Map<string, number>();
  for (const { stream } of jobs) {
    const own = stream?.replicas === undefined ? [] : stream.topics;
    for (const { name } of [...own, ...(stream?.replicas === undefined ? [] : stream.stores.map(({ topic }) => topic))])
      readers.set(name, (readers.get(name) ?? 0) + 1);
  }
  const left: string[] = [];
  const ends: string[] = [];
  for (const [name, count] of readers) {
    const topic = await log.findTopic(name);
    if (topic === undefined) left.push(`topic \`${name}\` is not there yet`);
    for (const { partition, end } of topic?.bounds ?? []) {
      ends.push(`${name}/${partition}@${end}`);
      const waiting = log.countWaiting({ topicId: topic?.id ?? "", partition, offset: end });
      if (waiting < count) left.push(`${count - waiting} readers of topic \`${name}\` are not at its end`);
    }
  }
  return { position: ends.join(","), left, tryAtMs: [] };
}
