// Gives the tests of the store contract a store on a clock moved by hand, and short ways to say what runs and workers
// do. Leaving a fixture checks every invariant, so each test is also a test of `verify`.
import assert from "node:assert/strict";
import { vi } from "vitest";
import type { Clock } from "../../../src/core/clock.ts";
import { type ErrorRecord, MillraceError, toErrorRecord } from "../../../src/core/errors/errors.ts";
import type { UpstreamFailurePolicy } from "../../../src/core/job/pipeline.ts";
import type { RunId } from "../../../src/core/run-id.ts";
import type {
  ClaimedRun,
  Fence,
  NewRun,
  RunSummary,
  SettleResult,
  WorkerId,
} from "../../../src/store/rows/run-records.ts";
import type { Store } from "../../../src/store/store.ts";

/** A fresh, empty store and what only its adapter can do to it. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly store: Store;
  /** Another connection to the same data, as another process has. */
  readonly open: () => Promise<Store>;
  /** Changes the saved data of a checkpoint behind the store's back. */
  readonly damageCheckpoint: (runId: RunId, version: number) => Promise<void>;
}

export type CreateStore = (clock: Pick<Clock, "now">) => Promise<StoreUnderTest>;

/** Time that moves only when told. */
export class ManualClock {
  #nowMs = Date.UTC(2026, 0, 1);

  now(): number {
    return this.#nowMs;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }
}

export const workerTtlMs = 60_000;

export const someError: ErrorRecord = toErrorRecord(new MillraceError("JOB_FAILED", "the job broke"));

export class StoreFixture implements AsyncDisposable {
  readonly clock: ManualClock;
  readonly underTest: StoreUnderTest;
  readonly store: Store;

  constructor(clock: ManualClock, underTest: StoreUnderTest) {
    this.clock = clock;
    this.underTest = underTest;
    this.store = underTest.store;
  }

  /** One run without dependants. */
  async submit(overrides: Partial<NewRun> = {}): Promise<RunId> {
    return (await this.store.submit({ runs: [newRun(overrides)], edges: [] })).rootRunId;
  }

  /** Runs named by letters and edges like `"a>b"` (cancel), `"a>b:skip"`, `"a>b:continue"`. @returns ids by letter */
  async submitGraph(names: string, edges: string, overrides: Partial<NewRun> = {}): Promise<Record<string, RunId>> {
    const letters = names.split("");
    const runs = letters.map((job) => newRun({ job, ...overrides }));
    const parsed = edges
      .split(" ")
      .filter(Boolean)
      .map((text) => parseEdge(text, letters));
    const { runIds } = await this.store.submit({ runs, edges: parsed });
    return Object.fromEntries(letters.map((letter, position) => [letter, at(runIds, position)]));
  }

  async worker(name = "w", ttlMs = workerTtlMs): Promise<WorkerId> {
    const process = { host: "host", bootId: "boot", pid: 4711, startTicks: "815" };
    return await this.store.registerWorker({ name, ttlMs, process });
  }

  /** The next run, which must be there. */
  async claimOne(workerId: WorkerId): Promise<ClaimedRun> {
    const [run] = await this.store.claim({ workerId, limit: 1 });
    if (run === undefined) throw new Error("nothing is ready");
    return run;
  }

  async finish(...runs: readonly Fence[]): Promise<SettleResult> {
    return await this.store.settle(
      runs.map((run) => ({ ...fenceOf(run), end: "finished" as const, result: { ok: true } })),
    );
  }

  async fail(...runs: readonly Fence[]): Promise<SettleResult> {
    const end = { end: "failed", reason: "failed", error: someError } as const;
    return await this.store.settle(runs.map((run) => ({ ...fenceOf(run), ...end })));
  }

  /** Claims the ready run of that job; the other ready ones are given back. */
  async claimJob(workerId: WorkerId, job: string): Promise<ClaimedRun> {
    const claimed = await this.store.claim({ workerId, limit: 1_000 });
    const others = claimed.filter((run) => run.job !== job);
    await this.store.settle(others.map((run) => ({ ...fenceOf(run), end: "released" as const })));
    const run = claimed.find((candidate) => candidate.job === job);
    if (run === undefined) throw new Error(`job ${job} is not ready, ready are: ${claimed.map((r) => r.job).join()}`);
    return run;
  }

  /** The run, which must exist. */
  async run(runId: RunId): Promise<RunSummary> {
    const run = await this.store.findRun(runId);
    if (run === undefined) throw new Error(`run ${runId} does not exist`);
    return run;
  }

  /** `STATE` or `STATE(reason)`. */
  async state(runId: RunId): Promise<string> {
    const { state, reason } = await this.run(runId);
    return reason === undefined ? state : `${state}(${reason})`;
  }

  async states(runs: Readonly<Record<string, RunId>>): Promise<Record<string, string>> {
    const entries = Object.entries(runs).map(async ([name, runId]) => [name, await this.state(runId)] as const);
    return Object.fromEntries(await Promise.all(entries));
  }

  /** Waits for a hint, which an adapter may give late. */
  async heard(isHeard: () => boolean): Promise<void> {
    await vi.waitFor(() => assert.ok(isHeard()), { timeout: 5_000, interval: 2 });
  }

  async eventTypes(runId: RunId): Promise<string[]> {
    return (await this.store.listEvents(runId, 0, 1_000)).map(({ type }) => type);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      assert.deepEqual(await this.store.verify(), []);
    } finally {
      await this.underTest[Symbol.asyncDispose]();
    }
  }
}

export async function createStoreFixture(createStore: CreateStore): Promise<StoreFixture> {
  const clock = new ManualClock();
  return new StoreFixture(clock, await createStore(clock));
}

export function newRun(overrides: Partial<NewRun> = {}): NewRun {
  return { job: "job", kind: "job", params: {}, tenant: "default", createdBy: "test", ...overrides };
}

export function fenceOf({ runId, epoch }: Fence): Fence {
  return { runId, epoch };
}

/** The code of the MillraceError that the promise rejects with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof MillraceError) return error.code;
    throw error;
  }
  return "no error";
}

function parseEdge(
  text: string,
  letters: readonly string[],
): { parent: number; child: number; onUpstreamFailure: UpstreamFailurePolicy } {
  const match = /^(\w)>(\w)(?::(cancel|skip|continue))?$/.exec(text);
  if (match === null) throw new Error(`not an edge: ${text}`);
  const [, parent = "", child = "", policy = "cancel"] = match;
  const onUpstreamFailure = policy as UpstreamFailurePolicy;
  return { parent: letters.indexOf(parent), child: letters.indexOf(child), onUpstreamFailure };
}

/** The item at that place, which must be there. */
export function at<T>(list: readonly T[], position: number): T {
  const item = list[position];
  if (item === undefined) throw new Error(`nothing at ${position}`);
  return item;
}
