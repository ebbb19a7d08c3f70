// A server over a filled store, for the bench of endpoints: `endpoint-server.ts <store address>`. Started with a channel to the
// bench, which it tells its address and a token.
import { createSystemClock } from "../../src/platforms/local/system-clock.ts";
import { startServer } from "../../src/server/http/start-server.ts";
import { createTokenParts, formatToken, hashSecret } from "../../src/server/access/token-secret.ts";
import { createPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { endpointDefinitions } from "./endpoint-definitions.ts";

const [address = ""] = process.argv.slice(2);
const store = address.startsWith("postgres:")
  ? await createPostgresStore({ url: address })
  : await createSqliteStore({ path: address });
const parts = createTokenParts();
await store.addToken({
  id: parts.id,
  name: "bench",
  role: "admin",
  secretHash: await hashSecret(parts.secret),
  createdBy: "bench",
  expiresAtMs: undefined,
});
const definitions = endpointDefinitions();
const readOnly = async (): Promise<never> => await Promise.reject(new Error("the bench starts no runs"));
const noRecords = (): never => {
  throw new Error("the bench has no records");
};
const { url } = await startServer({
  services: {
    store,
    project: { name: "bench", root: "/nowhere", environment: undefined, isProduction: false },
    version: "0.0.0",
    definitions: () => definitions,
    freshness: () => new Map(),
    submit: readOnly,
    quarantine: { summarize: readOnly, read: readOnly },
    catalog: { describe: readOnly },
    rows: { head: readOnly, failed: readOnly, listTables: readOnly, query: readOnly, export: readOnly },
    connections: { list: async () => [], test: readOnly, add: readOnly, remove: readOnly, rekey: readOnly },
    notifications: { channels: () => new Map(), test: readOnly },
    streams: {
      log: readOnly,
      topics: () => new Map(),
      produce: readOnly,
      stores: readOnly,
      decode: noRecords,
      replaceValue: noRecords,
    },
    replays: { start: readOnly, list: readOnly, find: readOnly, swap: readOnly, cancel: readOnly },
    planBackfill: readOnly,
    backfill: readOnly,
  },
  clock: createSystemClock(),
  port: 0,
  // Each request is formatted for the log, as in production, and not kept.
  logDestination: { write: () => undefined },
  limits: { maxRequestsPerMinute: 10_000_000 },
});
process.send?.({ url, token: formatToken(parts) });
process.on("message", () => process.send?.({ residentMb: process.memoryUsage().rss / 2 ** 20 }));
process.on("disconnect", () => process.exit());
