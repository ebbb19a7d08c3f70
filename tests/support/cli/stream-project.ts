// A project with a topic of four records, a group that has passed two of them and gave one up, and a server beside the store.
import { createCommandContext } from "../../../src/cli/command-context.ts";
import { serve } from "../../../src/app/serve.ts";
import type { App } from "../../../src/app/app.ts";
import { encodeRecord } from "../../../src/stream/records/record-block.ts";
import { type CommandLine, createCommandLine } from "./command-line.ts";
import { createSmallProject, type SmallProject } from "./small-project.ts";

export interface StreamProject extends AsyncDisposable {
  readonly files: Pick<SmallProject, "path" | "write">;
  readonly app: App;
  /** Commands that work on the store. */
  readonly store: CommandLine;
  /** Commands that talk to the server. */
  readonly server: CommandLine;
}

export async function createStreamProject(): Promise<StreamProject> {
  const project = await createSmallProject({
    "jobs/idle.ts": `import { defineJob } from "millrace";
export default defineJob({ name: "idle", execute: () => ({ rows: 1 }) });
`,
  });
  const context = createCommandContext(project.path);
  const app = await context.openApp();
  await fill(app);
  const { environment } = context;
  const serving = await serve(app, { environment, host: "127.0.0.1", port: 0, auth: "off", logLevel: "fatal" });
  return {
    files: project,
    app,
    store: createCommandLine(project.path),
    server: createCommandLine(project.path, { server: serving.url }),
    async [Symbol.asyncDispose]() {
      await serving[Symbol.asyncDispose]();
      await app[Symbol.asyncDispose]();
      await project[Symbol.asyncDispose]();
    },
  };
}

async function fill(app: App): Promise<void> {
  const { store, streams } = app;
  const topic = await store.declareTopic({ name: "orders", partitions: 1, retentionMs: 3_600_000 });
  const records = ["a", "b", "c", "d"].map((key, total) => {
    return { value: { id: key, total }, key, headers: {}, atMs: Date.UTC(2026, 0, 1, 0, total) };
  });
  await streams.produce("orders", { records, idempotencyKey: undefined });
  await app.submit("idle", { params: {}, createdBy: "test" });
  const process = { host: "h", bootId: "b", pid: 1, startTicks: "1" };
  const workerId = await store.registerWorker({ name: "w", ttlMs: 600_000, process, jobs: ["idle"] });
  const [run] = await store.claim({ workerId, limit: 1 });
  if (run === undefined) throw new Error("no run was claimed");
  const fence = { runId: run.runId, epoch: run.epoch };
  const bounds = (await store.readBounds([topic.id])).get(topic.id) ?? [];
  const declared = [{ name: "orders", id: topic.id, bounds }];
  const declaration = { group: "idle", job: "idle", topics: declared, startAt: "earliest" as const };
  const [held] = (await store.claimPartitions(fence, declaration)).held;
  if (held === undefined) throw new Error("no partition was claimed");
  const payload = encodeRecord({ key: Buffer.from("b"), value: Buffer.from('{"id":"b"}'), headers: [], timeMs: 0 });
  await store.deliver(fence, {
    group: "idle",
    partitions: [{ partition: 0, epoch: held.epoch, moves: [{ topicId: topic.id, from: 0, to: 2 }] }],
    appends: [],
    deadLetters: [
      {
        topic: "orders",
        topicId: topic.id,
        partition: 0,
        offset: 1,
        keyText: "b",
        payload,
        attempts: 5,
        errorCode: "JOB_FAILED",
        errorMessage: "no such customer",
        code: "c0de",
      },
    ],
    parked: [],
    unparked: [],
    reparked: [],
  });
}
