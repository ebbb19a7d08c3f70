// The stream of events in a database that many write to at once: handed out as far as it is settled.
import type { FeedStore } from "../feed/feed-store.ts";
import type { ScriptRunner } from "../rows/script-runner.ts";
import { readFeedPage, readProgressFeed } from "../feed/feed.ts";
import type { Database } from "./database.ts";
import { FeedHorizon } from "./feed-horizon.ts";

export function createPostgresFeed(db: Database, { read }: Pick<ScriptRunner, "read">): FeedStore {
  const horizon = new FeedHorizon({ db });
  return {
    feedEnd: async () => String(await horizon.advance()),
    readFeed: async (after, { limit, scope }) => {
      const end = await horizon.advance();
      // The usual answer to who follows needs no transaction.
      if (after === String(end)) return { events: [], position: after, isComplete: true, isEnd: true };
      return await read(() => readFeedPage({ after, limit, scope, end }));
    },
    readProgressFeed: (afterMs, limit) => read(() => readProgressFeed(afterMs, limit)),
  };
}
