// A process that publishes to a table in a bucket is killed at every named moment; the next attempt ends where an undisturbed one would
// have, and nothing is left in the bucket that no commit names.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DatasetTargets, WriteMode } from "../../../src/core/dataset/dataset.ts";
import { findLeftovers, recoverStaging } from "../../../src/data/publish/recover-staging.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { crashRequest, rowsBefore, rowsOfRun } from "../../support/data/publish-and-die.ts";
import { lendPlaces } from "../../support/files/lent-places.ts";

const places = lendPlaces();
let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(() => project[Symbol.asyncDispose]());

const targets: DatasetTargets = { delta: { path: "s3a://lake/out/t" } };
const nobody = { isLive: () => Promise.resolve(false) };

async function publishAndDie(mode: WriteMode, moment: string): Promise<void> {
  const script = fileURLToPath(new URL("../../support/data/publish-and-die.ts", import.meta.url));
  const args = [script, project.root, mode, ...moment.split(" "), JSON.stringify(targets)];
  const env = { ...process.env, TEST_BUCKET_ENDPOINT: places.lake.endpoint };
  const child = spawn(process.execPath, [...process.execArgv, ...args], { stdio: ["ignore", "ignore", "pipe"], env });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  await once(child, "close");
  if (child.signalCode !== "SIGKILL") throw new Error(`the publisher was not killed: ${errors}`);
}

/** Data files of the bucket that no commit names. */
function listUnnamed(): string[] {
  const log = [...places.lake.objects].filter(([key]) => key.endsWith(".json")).map(([, { body }]) => body.toString());
  const data = [...places.lake.objects.keys()].filter((key) => key.endsWith(".parquet"));
  return data.filter((key) => !log.some((text) => text.includes(key.slice(key.lastIndexOf("/") + 1))));
}

test.each([
  ["append", "delta:placed 1"],
  ["merge", "delta:intended 1"],
  ["merge", "delta:placed 2"],
  ["merge", "delta:committed 1"],
  ["append", "delta:committed 2"],
  ["replace", "recorded 2"],
] as const)("%s killed at `%s` is done whole or not at all, and once", async (mode, moment) => {
  await project.publish(crashRequest(mode, rowsBefore, targets), { runId: 1 });
  await publishAndDie(mode, moment);
  const isPlaced = moment.startsWith("delta:placed");
  expect(listUnnamed().length > 0).toBe(isPlaced);
  const leftovers = await findLeftovers({ staging: project.staging, ...nobody });
  expect(leftovers.some((line) => line.includes("connection:lake/out/t"))).toBe(isPlaced);
  await recoverStaging({ staging: project.staging, ...nobody });
  expect(listUnnamed()).toEqual([]);
  await project.publish(crashRequest(mode, rowsOfRun, targets), { runId: 2, epoch: 2 });
  const names = (await project.rows("t", "select name from t order by id, name")).map(({ name }) => name);
  const expected = {
    append: ["one", "two", "zwei", "drei"],
    merge: ["one", "zwei", "drei"],
    replace: ["zwei", "drei"],
  };
  expect(names).toEqual(expected[mode]);
  expect(await project.rows("t_quarantine", "select id from t_quarantine")).toEqual([{ id: 4 }]);
  expect(listUnnamed()).toEqual([]);
  expect(await findLeftovers({ staging: project.staging, ...nobody })).toEqual([]);
});
