// Runs the contract of the log port against the embedded log in a store of sqlite.
import { embeddedLogs, embeddedTraits } from "./embedded-logs.ts";
import { describeStreamLog } from "./log.ts";
import { sqliteStores } from "./stream-stores.ts";

describeStreamLog("embedded, sqlite", embeddedLogs(sqliteStores()), embeddedTraits);
