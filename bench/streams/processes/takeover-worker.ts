// A worker that is killed: `node takeover-worker.ts <input as JSON>` works through a topic until then, and tells each partition that it begins with.
import { streamJob } from "../../../src/stream/jobs/stream-job.ts";
import { defineEvents } from "../keyed-events.ts";
import { openStreams, type StreamsPlace } from "../streams-under-bench.ts";

// what the bench wrote
const { leaseTtlMs, ...place } = JSON.parse(process.argv[2] ?? "{}") as StreamsPlace & { readonly leaseTtlMs: number };
await using streams = await openStreams(place);
const begun = new Set<number>();
const job = streamJob({
  name: "take",
  topic: defineEvents("events"),
  handle(_event, ctx) {
    const { partition } = ctx.record;
    if (begun.has(partition)) return;
    begun.add(partition);
    process.send?.({ partition, atMs: performance.timeOrigin + performance.now() });
  },
});
// the bench has submitted its run, which one worker after the other has
await streams.work(job, { leaseTtlMs, isSubmitted: false });
process.send?.("working");
await new Promise(() => setInterval(() => undefined, 60_000));
