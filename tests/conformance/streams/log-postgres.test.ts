// Runs the contract of the log port against the embedded log in a store of postgres.
import { embeddedLogs, embeddedTraits } from "./embedded-logs.ts";
import { describeStreamLog } from "./log.ts";
import { postgresStores } from "./stream-stores.ts";

describeStreamLog("embedded, postgres", embeddedLogs(postgresStores()), embeddedTraits);
