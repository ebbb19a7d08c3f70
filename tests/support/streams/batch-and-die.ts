// A process that works through a batch and is killed at a named moment:
// node batch-and-die.ts <folder> <targets as JSON> <moment> [settings of Kafka as JSON]
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { lendVariables } from "../../../src/connections/variables.ts";
import type { DatasetTargets } from "../../../src/core/dataset/dataset.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { KafkaSettings } from "../../../src/stream/kafka/kafka-settings.ts";
import { openLog } from "../kafka/open-log.ts";
import { BatchScene, publishingJob } from "./batch-scene.ts";

if (process.argv[1] === import.meta.filename) {
  const [, , folder = "", targets = "{}", moment, kafka] = process.argv;
  lendVariables((name) => process.env[name]);
  const dieAt = (name: string): void => {
    if (name !== moment) return;
    flushCompileCache();
    process.kill(process.pid, "SIGKILL");
  };
  const store = await createSqliteStore({ path: join(folder, "store.db"), isDurable: false });
  const job = publishingJob(JSON.parse(targets) as DatasetTargets, dieAt);
  const log = kafka === undefined ? undefined : await openLog(JSON.parse(kafka) as KafkaSettings, 60_000);
  const given = { store, folder, jobs: [job], failpoint: dieAt };
  const scene = new BatchScene(log === undefined ? given : { ...given, log });
  await scene.start();
  await scene.look();
  await scene.ended(1);
}
