// Positions of events in the stream of all runs.
import type { MigrationPart } from "./migration.ts";

export const eventFeed: MigrationPart = { sqlite: "", postgres: "" };
