// The process that replays: `node replay-worker.ts <place as JSON>` takes the one run that is there, until it is killed.
import { defineFlow } from "../flow-scenarios.ts";
import { openStreams, type StreamsPlace } from "../streams-under-bench.ts";

// what the bench wrote
const place = JSON.parse(process.argv[2] ?? "{}") as StreamsPlace;
await using streams = await openStreams(place);
await streams.work(defineFlow({ onRecord: () => undefined }), { isSubmitted: false });
process.send?.("working");
await new Promise(() => setInterval(() => undefined, 60_000));
