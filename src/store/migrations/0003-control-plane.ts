// Adds the tables and columns that the server and the screens need.
import { accessAndState } from "./0003-access-and-state.ts";
import { browse } from "./0003-browse.ts";
import { eventFeed } from "./0003-event-feed.ts";
import type { Migration } from "./migration.ts";

const parts = [eventFeed, browse, accessAndState];

export const controlPlane: Migration = {
  version: 3,
  name: "control-plane",
  compatibleWith: 3,
  sqlite: parts.map(({ sqlite }) => sqlite).join("\n"),
  postgres: parts.map(({ postgres }) => postgres).join("\n"),
};
