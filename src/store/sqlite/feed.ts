// The stream of events in a file: one writer at a time, so what is there is complete up to the newest.
import type { FeedStore } from "../feed/feed-store.ts";
import { one, type Script } from "../rows/script.ts";
import type { ScriptRunner } from "../rows/script-runner.ts";
import { readFeedPage, readProgressFeed } from "../feed/feed.ts";

export function createSqliteFeed({ read }: Pick<ScriptRunner, "read">): FeedStore {
  return {
    feedEnd: async () => String(await read(findEnd)),
    readFeed: (after, { limit, scope }) =>
      read(function* () {
        return yield* readFeedPage({ after, limit, scope, end: yield* findEnd() });
      }),
    readProgressFeed: (afterMs, limit) => read(() => readProgressFeed(afterMs, limit)),
  };
}

// The greatest position ever given, also when its event was removed.
function* findEnd(): Script<number> {
  const row = yield* one<{ seq: number }>("select seq from sqlite_sequence where name = 'event'");
  return row?.seq ?? 0;
}
