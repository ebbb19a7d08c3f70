// The desk of topics over any store, as an open project has it with the embedded log.
import type { Topic } from "../../../src/core/stream/topic.ts";
import { createStreamDesk } from "../../../src/app/streams/stream-desk.ts";
import type { StreamDesk } from "../../../src/server/stream-desk.ts";
import type { Store } from "../../../src/store/store.ts";
import { createEmbeddedLog } from "../../../src/stream/embedded/embedded-log.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";

/** @param topics those that the project defines */
export function createTestStreamDesk(store: Store, topics: readonly Topic[] = []): StreamDesk {
  const clock = createSystemClock();
  return createStreamDesk({
    open: async () => createEmbeddedLog({ blocks: store, clock }),
    topics: () => new Map(topics.map((topic) => [topic.name, topic])),
    now: () => clock.now(),
    payloads: { checkIn: async (records) => records },
    storesFolder: "/nowhere",
  });
}
