// Two workers and two schedulers on one Postgres, of which one is killed every few seconds: the flights pipeline ends with the
// expected report, a fan-out of 10,000 runs loses and doubles none, and a schedule misses no second it should not.
import type { ChildProcess } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RunId } from "../../src/core/run-id.ts";
import { createPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import type { NewRun } from "../../src/store/rows/run-records.ts";
import type { FireRecord } from "../../src/store/schedules/schedule-store.ts";
import type { Store } from "../../src/store/store.ts";
import { ended } from "../support/cli/example-project.ts";
import { FlightsProject } from "../support/cli/flights-project.ts";
import { createTestDatabase } from "../support/postgres/postgres-test-database.ts";

const width = 10_000;
const killEveryMs = 4_000;
/** Longer with each kill: a run that is killed ten times is given up, which on a slow machine is not what is tried here. */
const longerMs = 400;
/** So many seconds of the schedule tell whether one is missed. */
const pulses = 6;
const limitMs = 240_000;

const leaf = `import { defineJob } from "millrace";
export default defineJob({ name: "leaf", execute: () => ({ rows: 1 }) });
`;

const pulse = `import { defineJob } from "millrace";
export default defineJob({ name: "pulse", schedule: { every: "1s", overlap: "allow", missed: "all" }, execute: () => 1 });
`;

test(
  "work goes on while workers and schedulers are killed",
  async () => {
    await using database = await createTestDatabase();
    await using project = await FlightsProject.create({ MILLRACE_DATABASE_URL: database.url });
    await writeFile(join(project.path, "jobs/leaf.ts"), leaf);
    await writeFile(join(project.path, "jobs/pulse.ts"), pulse);
    await using store = await createPostgresStore({ url: database.url });
    const fleet = new Fleet(project);
    let kills = 0;
    try {
      const started = await project.run("start", "flights", "--json");
      const flights = toRunId((JSON.parse(started.stdout) as { run_id: string }).run_id);
      const fan = await submitFan(store);
      const deadlineAt = performance.now() + limitMs;
      // On a fast machine the runs may end before each of the four was killed; the schedule goes on.
      while (kills < 4 || !(await haveEnded(store, [flights, fan]))) {
        expect(performance.now(), "still unfinished").toBeLessThan(deadlineAt);
        await pause(killEveryMs + kills * longerMs);
        await fleet.killOne(kills);
        kills += 1;
      }
      expect(await listFailures(store, [flights, fan])).toEqual([]);
      // On a slow machine no server may have lived for long enough to fire before it was killed.
      while ((await listPulses(store)).length < pulses) {
        expect(performance.now(), "the schedule does not fire").toBeLessThan(deadlineAt);
        await pause(killEveryMs);
      }
    } finally {
      await fleet.stop();
    }
    await expectFlights(project);
    await expectPulse(store);
    const verified = await project.run("verify");
    expect(`${verified.stdout}${verified.stderr}`).toContain("ok");
    expect(verified.code).toBe(0);
  },
  limitMs + 60_000,
);

/** Two workers and two servers; whoever is killed is replaced at once. */
class Fleet {
  readonly #project: FlightsProject;
  readonly #members: { readonly args: readonly string[]; child: ChildProcess }[];

  constructor(project: FlightsProject) {
    this.#project = project;
    const roles = [["worker"], ["server"], ["worker"], ["server"]];
    this.#members = roles.map((args) => ({ args, child: this.#start(args) }));
  }

  /** One after the other, so that each role is hit as often. */
  async killOne(turn: number): Promise<void> {
    const member = this.#members[turn % this.#members.length];
    if (member === undefined) return;
    member.child.kill("SIGKILL");
    await ended(member.child);
    member.child = this.#start(member.args);
  }

  async stop(): Promise<void> {
    for (const { child } of this.#members) child.kill("SIGTERM");
    await Promise.all(this.#members.map(({ child }) => ended(child)));
  }

  #start(args: readonly string[]): ChildProcess {
    const child = this.#project.start(...args);
    // What nobody reads would block it in the end.
    child.stdout?.resume();
    child.stderr?.resume();
    return child;
  }
}

/** One run, and 10,000 that wait for it. @returns the pipeline run they belong to */
async function submitFan(store: Store): Promise<RunId> {
  const shared = { params: {}, tenant: "default", createdBy: "test" };
  const member: NewRun = { job: "leaf", kind: "job", parent: 0, ...shared };
  const runs: NewRun[] = [{ job: "fan", kind: "pipeline", ...shared }, ...Array<NewRun>(width + 1).fill(member)];
  const edges = Array.from({ length: width }, (_, index) => {
    return { parent: 1, child: index + 2, onUpstreamFailure: "cancel" as const };
  });
  return (await store.submit({ runs, edges })).rootRunId;
}

async function haveEnded(store: Store, runIds: readonly RunId[]): Promise<boolean> {
  return (await statesOf(store, runIds)).every((state) => state === "FINISHED" || state === "ERROR");
}

async function listFailures(store: Store, runIds: readonly RunId[]): Promise<object[]> {
  const lists = runIds.map((parentRunId) => store.listRuns({ parentRunId, state: "ERROR", limit: 10 }));
  return (await Promise.all(lists)).flat().map(({ job, reason, error }) => ({ job, reason, error }));
}

function statesOf(store: Store, runIds: readonly RunId[]): Promise<(string | undefined)[]> {
  return Promise.all(runIds.map(async (runId) => (await store.findRun(runId))?.state));
}

async function expectFlights(project: FlightsProject): Promise<void> {
  const expected = await readFile(join(import.meta.dirname, "../../examples/flights/expected.txt"), "utf8");
  expect(await readFile(join(project.path, "out/report.txt"), "utf8")).toBe(expected);
  expect(await project.strayFiles()).toEqual([]);
}

/** Every second from the first to the last has exactly one run. */
async function expectPulse(store: Store): Promise<void> {
  const fires = await listPulses(store);
  const first = fires[0]?.fireAtMs ?? 0;
  expect(fires.length).toBeGreaterThanOrEqual(pulses);
  expect(fires.map(({ fireAtMs }) => fireAtMs)).toEqual(fires.map((_, index) => first + index * 1_000));
  expect(new Set(fires.map(({ runId }) => runId)).size).toBe(fires.length);
}

/** The oldest first. */
async function listPulses(store: Store): Promise<readonly FireRecord[]> {
  return (await store.listFires("pulse", undefined, 1_000)).toReversed();
}

function toRunId(text: string): RunId {
  return Number(text.slice(1)) as RunId;
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
