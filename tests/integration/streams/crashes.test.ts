// Whatever ends a worker of a stream, each record has its effect once: where it dies, and where the store fails under it.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import type { Store } from "../../../src/store/store.ts";
import { deadly, halves, jobsIn, results, type Task, tasks } from "../../support/streams/dangerous-jobs.ts";
import { createStreamFixture, type StreamFixture } from "../../support/streams/stream-fixture.ts";
import { streamPlaces } from "../../support/streams/stream-places.ts";

const values = Array.from({ length: 120 }, (_, n) => ({ key: `k${n % 9}`, n }));

/** What is in the topic of the results is each task once, those of each key in order. */
async function expectOnce(fixture: StreamFixture, expected: readonly Task[]): Promise<void> {
  const found = (await fixture.valuesOf(results)) as readonly Task[];
  expect(found.map(({ n }) => n).toSorted((a, b) => a - b)).toEqual(expected.map(({ n }) => n));
  for (const key of new Set(expected.map((task) => task.key))) {
    const own = found.filter((task) => task.key === key).map(({ n }) => n);
    expect(own).toEqual(expected.filter((task) => task.key === key).map(({ n }) => n));
  }
}

function jobNamed(name: string): ReturnType<typeof jobsIn>[number] {
  const job = jobsIn("inline").find((candidate) => candidate.name === name);
  if (job === undefined) throw new Error(`no job ${name}`);
  return job;
}

/** The store with a method of which one call fails: before it does anything, or after it has done it. */
function failing(
  store: Store,
  method: "deliver" | "claimPartitions" | "readBlocks",
  call: number,
  when: "before" | "after",
): Store {
  let calls = 0;
  return new Proxy(store, {
    get(target, name) {
      const own: unknown = Reflect.get(target, name, target);
      if (name !== method || typeof own !== "function") return own;
      return async (...given: readonly unknown[]): Promise<unknown> => {
        calls += 1;
        const isFailing = calls === call;
        if (isFailing && when === "before") throw new MillraceError("STORE_UNAVAILABLE", "away");
        const result: unknown = await Reflect.apply(own, target, given);
        if (isFailing) throw new MillraceError("STORE_UNAVAILABLE", "the answer got lost");
        return result;
      };
    },
  });
}

function startProcess({ place }: StreamFixture): ChildProcess {
  const entry = fileURLToPath(new URL("../../support/streams/stream-worker.ts", import.meta.url));
  return fork(entry, [JSON.stringify(place), "1000"], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
    stdio: "ignore",
  });
}

describe.each(streamPlaces())("on %s", (kind) => {
  test.each([
    ["deliver", "before"],
    ["deliver", "after"],
    ["claimPartitions", "after"],
    ["readBlocks", "before"],
  ] as const)("a store that fails once at %s, %s it wrote, costs no record and doubles none", async (method, when) => {
    for (const call of [1, 2, 3]) {
      await using fixture = await createStreamFixture(kind);
      const job = jobNamed("work");
      await fixture.produce(tasks, values.slice(0, 60));
      await fixture.startWorker([job], { store: failing(fixture.store, method, call, when) });
      await fixture.submit(job);
      await fixture.untilCaughtUp(tasks, "work");
      await fixture.produce(tasks, values.slice(60));
      await fixture.untilCaughtUp(tasks, "work");
      await expectOnce(fixture, values);
    }
  });

  test.each(["thread", "process"] as const)(
    "a job in a %s of its own works through its topics by messages",
    async (mode) => {
      await using fixture = await createStreamFixture(kind);
      const [job] = jobsIn(mode);
      if (job === undefined) throw new Error("no job");
      const file = fileURLToPath(new URL("../../support/streams/dangerous-jobs.ts", import.meta.url));
      await fixture.produce(tasks, values);
      await fixture.startWorker([job], { locate: () => ({ file, folder: JSON.stringify(fixture.place) }) });
      await fixture.submit(job);
      await fixture.untilCaughtUp(tasks, "work");
      await expectOnce(fixture, values);
    },
  );

  test("a worker that is killed is followed by another that goes on where it was, once for each record", async () => {
    await using fixture = await createStreamFixture(kind);
    const job = jobNamed("crawl");
    await fixture.produce(tasks, values);
    await fixture.submit(job);
    const first = startProcess(fixture);
    await fixture.until(async () => (await fixture.valuesOf(results)).length > 10);
    const died = once(first, "exit");
    first.kill("SIGKILL");
    await died;
    const diedAtMs = performance.now();
    const before = (await fixture.valuesOf(results)).length;
    expect(before).toBeLessThan(values.length);
    await fixture.startWorker([job], { leaseTtlMs: 1_000 });
    await fixture.until(async () => (await fixture.valuesOf(results)).length > before);
    // the lease of a second, and what a machine that does much else beside may take; how long it takes otherwise is measured
    expect(performance.now() - diedAtMs).toBeLessThan(20_000);
    await fixture.untilCaughtUp(tasks, "crawl");
    await expectOnce(fixture, values);
  });

  test("a record that kills its process is a dead letter after its tries, and the others are handled once", async () => {
    await using fixture = await createStreamFixture(kind);
    const given = values.slice(0, 20);
    await fixture.produce(tasks, given);
    await fixture.submit(jobNamed("die"));
    expect(await countDeaths(fixture, 19)).toBe(3);
    expect(await lettersOf(fixture, "die")).toEqual([["RECORD_POISONOUS", 3]]);
    await expectOnce(
      fixture,
      given.filter(({ n }) => n !== deadly),
    );
  });

  // how long it takes on Postgres is that of the records above
  test.skipIf(kind === "postgres")(
    "a key whose join kills its process is a dead letter after its tries, and the others are emitted once",
    async () => {
      await using fixture = await createStreamFixture(kind);
      const given = values.slice(0, 20).map(({ n }) => ({ key: `key ${n}`, n }));
      await fixture.produce(halves, given);
      await fixture.produce(tasks, given);
      await fixture.submit(jobNamed("tie"));
      const deaths = await countDeaths(fixture, 19);
      // a death with many keys in hand counts for the first of them
      expect([3, 4]).toContain(deaths);
      expect(await lettersOf(fixture, "tie")).toEqual([["RECORD_POISONOUS", 3]]);
      await expectOnce(
        fixture,
        given.filter(({ n }) => n !== deadly),
      );
    },
  );
});

/** Starts a worker for each that died, until there are as many results. @returns how many died by themselves */
async function countDeaths(fixture: StreamFixture, wanted: number): Promise<number> {
  const isDone = async (): Promise<boolean> => (await fixture.valuesOf(results)).length === wanted;
  for (let deaths = 0; ; deaths += 1) {
    const worker = startProcess(fixture);
    const exited = once(worker, "exit");
    const over = new AbortController();
    const done = fixture.until(async () => over.signal.aborted || (await isDone()));
    const end = await Promise.race([exited.then(() => "died"), done.then(() => "done")]);
    over.abort();
    worker.kill("SIGKILL");
    await exited;
    await done;
    if (end === "done") return deaths;
  }
}

async function lettersOf({ store }: StreamFixture, group: string): Promise<unknown> {
  const letters = await store.listDeadLetters({ group, limit: 9 });
  return letters.map(({ errorCode, attempts }) => [errorCode, attempts]);
}
