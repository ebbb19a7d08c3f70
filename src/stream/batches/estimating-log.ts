// What batches ask of a log that does not count for them. Offsets stand for records, so markers of transactions and what compaction has
// taken count, too; bytes are those of the first page of a range for all of it; a record has come when its time says so.
import type { Clock } from "../../core/clock.ts";
import type { BatchLimits, BatchLog, BatchSize } from "../../core/stream/batch.ts";
import type { StreamLog } from "../../core/stream/stream-log.ts";
import { sizeOfRecord } from "../../core/stream/stream-record.ts";
import type { TopicRange } from "../../core/stream/topic-reader.ts";

/** What the beginning of a range tells of it. */
interface Sample {
  readonly range: TopicRange;
  /** Of the record, or of the least that one takes. */
  readonly recordBytes: number;
  readonly firstAtMs: number;
}

const sampleBytes = 64 * 1024;
/** Ranges that are looked at side by side. */
const atOnce = 8;

/** Over a log on a cluster. */
export function estimatingLog(
  log: Pick<StreamLog, "read" | "findTopic" | "offsetAt">,
  clock: Pick<Clock, "now">,
): BatchLog {
  return {
    findTopics: async (names) =>
      (await inTurn(names, async (name) => await log.findTopic(name))).filter((topic) => topic !== undefined),
    measure: async (ranges) =>
      await inTurn(ranges, async (range) => {
        const sample = await sampleOf(log, range, clock.now());
        return sample === undefined ? undefined : sizeOf(sample);
      }),
    cut: async (ranges, limits) => {
      const nowMs = clock.now();
      const samples = await inTurn(ranges, async (range) => await sampleOf(log, range, nowMs));
      const waiting = samples.filter((sample) => sample !== undefined).toSorted((a, b) => a.firstAtMs - b.firstAtMs);
      const { untilMs } = limits;
      const come = untilMs === undefined ? waiting : await inTurn(waiting, (sample) => upTo(log, sample, untilMs));
      // Where times of records tell nothing of when they came, what waits now is what had come.
      return take(come.some(({ range }) => range.from < range.to) ? come : waiting, limits);
    },
  };
}

/** Begins at the first record. `undefined` for a range without one. */
async function sampleOf(
  log: Pick<StreamLog, "read">,
  { topic, partition, from, to }: TopicRange,
  nowMs: number,
): Promise<Sample | undefined> {
  for (let next = from; next < to;) {
    const read = await log.read({ topic, partition, from: next, to, maxBytes: sampleBytes });
    const [first] = read.records;
    if (first !== undefined) {
      const bytes = read.records.reduce((sum, record) => sum + sizeOfRecord(record), 0);
      return {
        range: { topic, partition, from: first.offset, to },
        recordBytes: Math.max(1, bytes / Math.max(1, read.next - first.offset)),
        firstAtMs: Math.min(first.timeMs, nowMs),
      };
    }
    if (read.next <= next) return undefined;
    next = read.next;
  }
  return undefined;
}

function sizeOf({ range, recordBytes, firstAtMs }: Sample): BatchSize {
  const records = range.to - range.from;
  return { records, bytes: Math.ceil(records * recordBytes), firstAtMs };
}

async function upTo(log: Pick<StreamLog, "offsetAt">, sample: Sample, untilMs: number): Promise<Sample> {
  const { range } = sample;
  const end = await log.offsetAt(range.topic, range.partition, untilMs + 1);
  return { ...sample, range: { ...range, to: Math.max(range.from, Math.min(range.to, end)) } };
}

/** The partition whose first record has waited longest is taken first. */
function take(
  samples: readonly Sample[],
  { records = Infinity, bytes = Infinity }: BatchLimits,
): readonly TopicRange[] {
  const taken: TopicRange[] = [];
  let recordsLeft = records;
  let bytesLeft = bytes;
  for (const { range, recordBytes } of samples) {
    const count = Math.min(range.to - range.from, recordsLeft, Math.ceil(bytesLeft / recordBytes));
    if (count <= 0) continue;
    taken.push({ ...range, to: range.from + count });
    recordsLeft -= count;
    bytesLeft -= count * recordBytes;
  }
  return taken;
}

async function inTurn<In, Out>(items: readonly In[], work: (item: In) => Promise<Out>): Promise<Out[]> {
  const done: Out[] = [];
  for (let at = 0; at < items.length; at += atOnce) {
    done.push(...(await Promise.all(items.slice(at, at + atOnce).map(async (item) => await work(item)))));
  }
  return done;
}
