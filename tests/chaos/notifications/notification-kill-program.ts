// A worker whose runs are told of by three channels each, and the dispatcher that tells: it goes on until it is killed, or, when it is
// asked to, until all is told.
import { createNoticeRouter } from "../../../src/core/notification/notice-router.ts";
import { defineJob } from "../../../src/core/job/job.ts";
import type { ChannelOptions } from "../../../src/core/notification/channel-options.ts";
import { createNotificationSender } from "../../../src/notifications/notification-sender.ts";
import { createJobRegistry } from "../../../src/orchestrator/attempt/job-registry.ts";
import { NoticeDispatcher } from "../../../src/orchestrator/notices/notice-dispatcher.ts";
import { Worker } from "../../../src/orchestrator/worker/worker.ts";
import { currentProcess, isProcessDead } from "../../../src/platforms/local/local-process.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";

/** What it is told at its start. */
export interface KillProgramOptions {
  readonly path: string;
  readonly channels: Readonly<Record<string, ChannelOptions>>;
}

const { path, channels } = JSON.parse(process.argv[2] ?? "") as KillProgramOptions;
const clock = createSystemClock();
const store = await createSqliteStore({ path, clock });
const job = defineJob({ name: "tell", execute: () => undefined });
const names = Object.keys(channels);
const router = createNoticeRouter({ channels, rules: [{ on: ["succeeded"], to: names }], jobs: [job] });
const onError = (error: Error): void => console.error(error);
const worker = new Worker({
  store,
  clock,
  random: Math.random,
  registry: createJobRegistry([job]),
  services: {
    serviceProvider: "LOCAL",
    hasSpark: false,
    createData: () => {
      throw new Error("these runs have no data");
    },
    resolvePath: (relative) => relative,
  },
  configOf: () => undefined,
  router: () => router,
  notify: async () => undefined,
  process: currentProcess(),
  isProcessDead,
  slots: 2,
  pollMs: 10,
  onError,
});
const sender = createNotificationSender({
  channels: () => router.channels,
  secrets: {
    readVariable: () => undefined,
    readFile: () => undefined,
    readService: () => Promise.reject(new Error("no service keeps secrets here")),
  },
  origin: { project: "kills" },
  now: () => clock.now(),
});
const dispatcher = new NoticeDispatcher({
  store,
  clock,
  random: Math.random,
  sender,
  channels: () => names,
  onError,
  pollMs: 20,
  sendMs: 2_000,
  leaseMs: 2_500,
});
let isFinishing = false;
process.on("message", () => (isFinishing = true));
process.on("disconnect", () => process.exit());
await worker.start();
dispatcher.start();
process.send?.("ready");
while (!isFinishing) {
  await store.submit({
    runs: [{ job: "tell", kind: "job", params: {}, tenant: "default", createdBy: "kills" }],
    edges: [],
  });
  await clock.sleep(4);
}
while ((await hasUnfinished()) || (await store.nextNotificationInMs(names)) !== undefined) await clock.sleep(20);
await dispatcher.stop();
await worker.stop();
await sender[Symbol.asyncDispose]();
await store[Symbol.asyncDispose]();
process.disconnect();

async function hasUnfinished(): Promise<boolean> {
  const states = ["PENDING", "RUNNING"] as const;
  const lists = await Promise.all(states.map((state) => store.listRuns({ state, limit: 1 })));
  return lists.some((list) => list.length > 0);
}
