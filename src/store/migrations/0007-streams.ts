// Adds topics, the groups that read them, and what is kept for them.
import type { Migration } from "./migration.ts";
import { streamBatches } from "./streams/batches.ts";
import { streamReplays } from "./streams/replays.ts";
import { streamGroups } from "./streams/groups.ts";
import { streamJoins } from "./streams/joins.ts";
import { streamLog } from "./streams/log.ts";
import { streamPayloads } from "./streams/payloads.ts";

const parts = [streamLog, streamGroups, streamBatches, streamJoins, streamPayloads, streamReplays];

export const streams: Migration = {
  version: 7,
  name: "streams",
  compatibleWith: 7,
  sqlite: parts.map(({ sqlite }) => sqlite).join("\n"),
  postgres: parts.map(({ postgres }) => postgres).join("\n"),
};
