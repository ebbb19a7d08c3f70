// A server that executes runs itself, on a store in a file: `responsive-server.ts <folder>`. Started with a channel to the bench,
// which it tells its address and a token; each order is answered with the run that it started.
import { defineJob } from "../../src/core/job/job.ts";
import { createSystemClock } from "../../src/platforms/local/system-clock.ts";
import { Definitions } from "../../src/project/definitions.ts";
import { startServer } from "../../src/server/http/start-server.ts";
import { createTokenParts, formatToken, hashSecret } from "../../src/server/access/token-secret.ts";
import type { NewRun, Submission } from "../../src/store/rows/run-records.ts";
import { startBenchWorker } from "../harness/bench-worker.ts";

export type ResponsiveOrder = "fan_out" | "steps" | "each";

const [folder = ""] = process.argv.slice(2);
const steps = 60_000;
const width = 10_000;
const jobs = [
  defineJob({ name: "noop", execute: () => undefined }),
  defineJob({
    name: "steps",
    async execute(ctx) {
      for (let step = 0; step < steps; step += 1) await ctx.step(`s${step}`, () => step);
    },
  }),
  defineJob({
    name: "each",
    async execute(ctx) {
      await ctx.each(
        Array.from({ length: steps }, (_, item) => String(item)),
        { key: (item) => item },
        async () => {},
      );
    },
  }),
];
const { store } = await startBenchWorker({ folder, jobs });
const parts = createTokenParts();
const secretHash = await hashSecret(parts.secret);
await store.addToken({
  id: parts.id,
  name: "bench",
  role: "admin",
  secretHash,
  createdBy: "bench",
  expiresAtMs: undefined,
});
const refuse = async (): Promise<never> => await Promise.reject(new Error("the bench starts runs by its channel"));
const noRecords = (): never => {
  throw new Error("the bench has no records");
};
const { url } = await startServer({
  services: {
    store,
    project: { name: "bench", root: "/nowhere", environment: undefined, isProduction: false },
    version: "0.0.0",
    definitions: () => new Definitions(),
    freshness: () => new Map(),
    submit: refuse,
    quarantine: { summarize: refuse, read: refuse },
    catalog: { describe: refuse },
    rows: { head: refuse, failed: refuse, listTables: refuse, query: refuse, export: refuse },
    connections: { list: async () => [], test: refuse, add: refuse, remove: refuse, rekey: refuse },
    notifications: { channels: () => new Map(), test: refuse },
    streams: {
      log: refuse,
      topics: () => new Map(),
      produce: refuse,
      stores: refuse,
      decode: noRecords,
      replaceValue: noRecords,
    },
    replays: { start: refuse, list: refuse, find: refuse, swap: refuse, cancel: refuse },
    planBackfill: refuse,
    backfill: refuse,
  },
  clock: createSystemClock(),
  port: 0,
  logDestination: { write: () => undefined },
  limits: { maxRequestsPerMinute: 10_000_000 },
});
process.send?.({ url, token: formatToken(parts) });
process.on("disconnect", () => process.exit());
process.on("message", (order: ResponsiveOrder) => {
  void store.submit(order === "fan_out" ? fanOut() : { runs: [newRun(order)], edges: [] }).then(({ rootRunId }) => {
    process.send?.({ rootRunId });
  });
});

function fanOut(): Submission {
  const runs = Array.from({ length: width + 1 }, () => newRun("noop"));
  const edges = Array.from({ length: width }, (_, child) => ({
    parent: 0,
    child: child + 1,
    onUpstreamFailure: "cancel" as const,
  }));
  return { runs, edges };
}

function newRun(job: string): NewRun {
  return { job, kind: "job", params: {}, tenant: "bench", createdBy: "bench" };
}
