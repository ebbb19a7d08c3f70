import { expect, test } from "vitest";
import type { Clock } from "../../core/clock.ts";
import type { Isolate, IsolateEnd, Launcher, LaunchRequest } from "./launcher.ts";
import { SpareLauncher } from "./spare-launcher.ts";

interface Launched {
  readonly request: LaunchRequest;
  isKilled: boolean;
  die(): void;
}

function fakeLauncher(): { launcher: Launcher; launched: Launched[] } {
  const launched: Launched[] = [];
  const launch = (request: LaunchRequest): Isolate => {
    const { promise: ended, resolve } = Promise.withResolvers<IsolateEnd>();
    const die = (): void => resolve({ exitCode: 0, signal: undefined, error: undefined });
    const record: Launched = { request, isKilled: false, die };
    launched.push(record);
    const kill = (): void => {
      record.isKilled = true;
      die();
    };
    return { ended, kill, send: () => undefined };
  };
  return { launcher: { launch }, launched };
}

function manualClock(): Clock & { pass(): void } {
  const waiting: (() => void)[] = [];
  return {
    now: () => 0,
    sleep: (_ms, signal) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        signal?.addEventListener("abort", () => resolve(), { once: true });
      }),
    pass: () => waiting.splice(0).forEach((wake) => wake()),
  };
}

const request = (messages: unknown[], mode: LaunchRequest["mode"] = "thread"): LaunchRequest => ({
  mode,
  name: "job",
  onMessage: (message) => messages.push(message),
});

test("the second launch takes the spare with what it said already, and each serves once", async () => {
  const { launcher, launched } = fakeLauncher();
  await using spares = new SpareLauncher(launcher, manualClock());
  const [first, second]: [unknown[], unknown[]] = [[], []];
  spares.launch(request(first));
  launched[1]?.request.onMessage("ready");
  spares.launch(request(second));
  expect(second).toEqual([]);
  await Promise.resolve();
  launched[1]?.request.onMessage("end");
  launched[0]?.request.onMessage("ready");
  expect(second).toEqual(["ready", "end"]);
  expect(first).toEqual(["ready"]);
  expect(launched).toHaveLength(3);
});

test("a spare that nobody takes, or of a launcher that closes, is ended; those in use are left alone", async () => {
  const { launcher, launched } = fakeLauncher();
  const clock = manualClock();
  const spares = new SpareLauncher(launcher, clock);
  spares.launch(request([]));
  clock.pass();
  await spares[Symbol.asyncDispose]();
  expect(launched.map(({ isKilled }) => isKilled)).toEqual([false, true]);
  spares.launch(request([], "process"));
  expect(launched).toHaveLength(3);
});

test("a spare that died is not handed out", async () => {
  const { launcher, launched } = fakeLauncher();
  await using spares = new SpareLauncher(launcher, manualClock());
  spares.launch(request([]));
  launched[1]?.die();
  await new Promise((resolve) => setImmediate(resolve));
  const messages: unknown[] = [];
  spares.launch(request(messages));
  launched[2]?.request.onMessage("ready");
  expect(messages).toEqual(["ready"]);
});
