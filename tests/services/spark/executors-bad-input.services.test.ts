// What goes wrong with input, executors and sessions while a real Spark maps and reduces: it is told as on this machine, and leaves nothing.
import { beforeAll, expect, test } from "vitest";
import type { ConnectSession, OperationOptions } from "../../../src/compute/spark/connect/connect-session.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { MapScene } from "../../support/mapreduce/map-scene.ts";
import { ExecutorRuns } from "./executor-runs.ts";

let runs: ExecutorRuns;

beforeAll(async () => {
  runs = await ExecutorRuns.open();
});

test("a line far behind that `map` throws on is named, and no other task goes on", async () => {
  await using scene = await MapScene.create();
  const lines = Array.from({ length: 100_000 }, (_, n) => (n === 90_000 ? `bad ${n}` : `ok ${n}`));
  const files = [await scene.file("late.log", lines.join("\n"))];
  const byte = Buffer.byteLength(`${lines.slice(0, 90_000).join("\n")}\n`);
  const failure = await expectFailure(runs.runThere("strict", { files }, { splitBytes: 100_000 }));
  expect(failure).toMatchObject({
    code: "MAP_FAILED",
    message: `\`map\` of job \`strict\` failed on line 90001 of \`late.log\`, byte ${byte}: it is bad`,
  });
  await expect.poll(async () => await runs.listProcesses(), { timeout: 10_000 }).toEqual([]);
});

test("a key of ten megabytes is refused as here, or left out", async () => {
  await using scene = await MapScene.create();
  const files = [await scene.file("a.log", "ash 1\nbirch 2000000\nash 1\n")];
  const here = await expectFailure(runs.runHere("long_keys", { files }));
  const there = await expectFailure(runs.runThere("long_keys", { files }));
  expect(there).toMatchObject({ code: "RECORD_TOO_LARGE", message: here.message });
  expect(there.message).toContain("line 2");
  const bad = { most: 1, isKept: true };
  const { text, letters } = await runs.runThere("long_keys", { files }, { bad });
  expect(text).toBe('{"key":"ash","value":2}\n');
  expect(letters).toMatchObject([{ file: "a.log", text: "birch 2000000" }]);
});

test("one key with nine of ten rows comes with all of its values, in their order", async () => {
  await using scene = await MapScene.create();
  const events = Array.from({ length: 50_000 }, (_, at) => {
    return JSON.stringify({ device: at % 10 === 0 ? `d${at % 97}` : "crawler", at });
  });
  const files = [await scene.file("a.ndjson", events.join("\n"))];
  const options = { splitBytes: 300_000 };
  const there = await runs.runThere("values_in_order", { files }, options);
  expect(there.sha256).toBe((await runs.runHere("values_in_order", { files }, options)).sha256);
  expect(there).toMatchObject({ records: 50_000, keys: 98 });
  expect(there.parts.largestBytes).toBeGreaterThan(4 * there.parts.medianBytes);
});

/** As on executors without Node.js: a program of another name is not there either. */
function withoutNode(session: ConnectSession): ConnectSession {
  const execute = session.execute.bind(session);
  return Object.assign(session, {
    execute: (plan: Uint8Array, options?: OperationOptions) => {
      const bytes = Buffer.from(plan);
      for (const text of ["node --eval", "node\0", "node"]) {
        for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) bytes.write("nod3", at);
      }
      return execute(bytes, options);
    },
  });
}

test("executors without `node` are found out before anything is done", async () => {
  await using scene = await MapScene.create();
  const files = [await scene.file("a.log", "ash 1\n")];
  const told: string[] = [];
  const onProgress = (_done: number, _total: number, operation: string): void => void told.push(operation);
  const failure = await expectFailure(runs.runThere("strict", { files }, { onProgress }, withoutNode));
  expect(failure).toMatchObject({
    code: "CAPABILITY_MISSING",
    message: "the executors of this Spark have no `node` on their path, and Python starts none there",
    hint: "install Node.js on all of them",
  });
  expect(told).toEqual([]);
});

test("two attempts at once have the rows of one each, and do not see each other", async () => {
  await using scene = await MapScene.create();
  const files = [await scene.file("a.log", "ash 1\nbirch 2\nash 3\n".repeat(5_000))];
  const options = { splitBytes: 50_000 };
  const { sha256 } = await runs.runHere("strict", { files });
  const both = [runs.runThere("strict", { files }, options), runs.runThere("strict", { files }, options)];
  for (const ended of await Promise.all(both)) expect(ended).toMatchObject({ sha256, lostAttempts: 0 });
});

test("a session that is lost in the middle is told as such, and its processes end", async () => {
  await using scene = await MapScene.create();
  const files = [await scene.file("a.log", "ash 1\nbirch 2\n")];
  let id = "";
  let closing: Promise<void> | undefined;
  const note = (session: ConnectSession): ConnectSession => {
    id = session.sessionId;
    return session;
  };
  const close = async (): Promise<void> => {
    const other = await runs.spark.open(runs.spark.port, `session_id=${id}`);
    await other[Symbol.asyncDispose]();
  };
  const onProgress = (_done: number, _total: number, operation: string): void => {
    if (operation !== "reducing" || closing !== undefined) return;
    void runs.listProcesses().then((found) => {
      if (found.length > 0) closing ??= close();
    });
  };
  const failure = await expectFailure(runs.runThere("endless", { files }, { onProgress }, note));
  await closing;
  expect(failure).toMatchObject({ code: "SESSION_LOST", disposition: "retry" });
  await expect.poll(async () => await runs.listProcesses(), { timeout: 10_000 }).toEqual([]);
});
