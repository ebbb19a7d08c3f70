// The process that appends while another one handles: `node stream-producer.ts <input as JSON>`, told to begin over its channel.
// Without `perSecond` as fast as it can; with it, each record is to be sent at an instant that does not depend on those before it.
import { defineEvents, eventRecord } from "../keyed-events.ts";
import { batchSize, type FlowInput, untilTold } from "../flow-scenarios.ts";
import { openStreams } from "../streams-under-bench.ts";

interface ProducerInput extends FlowInput {
  readonly perSecond?: number;
}

/** Between two appends at a given pace. */
const tickMs = 10;

// what the side wrote that started it
const { count, perSecond, ...place } = JSON.parse(process.argv[2] ?? "{}") as ProducerInput;
await using streams = await openStreams(place);
const topic = await streams.declare(defineEvents("events"));
if (perSecond === undefined) {
  const records = Array.from({ length: count }, (_, index) => eventRecord(index));
  await untilTold();
  for (let from = 0; from < count; from += batchSize)
    await streams.append(topic, records.slice(from, from + batchSize));
} else {
  const size = Math.round((perSecond * tickMs) / 1_000);
  await untilTold();
  const startedAtMs = performance.timeOrigin + performance.now();
  for (let from = 0; from < count; from += size) {
    const dueAtMs = startedAtMs + (from / size) * tickMs;
    const restMs = dueAtMs - performance.timeOrigin - performance.now();
    if (restMs > 0) await streams.clock.sleep(restMs);
    const length = Math.min(size, count - from);
    await streams.append(
      topic,
      Array.from({ length }, (_, index) => eventRecord(from + index, dueAtMs)),
    );
  }
}
// whoever handles the records ends it when they have come to their end
await untilTold();
