// One chaos run: work and faults side by side, then the faults end, the store drains, and the contents are checked.
import { setTimeout as sleep } from "node:timers/promises";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type StoreContents, hotTables, readStoreContents } from "./store-contents.ts";
import { checkStoreContents, type CheckedContents, type Finding } from "./check-store-contents.ts";
import { countFaults, type FaultPlan, planFaults } from "./faults/fault-plan.ts";
import { Fleet, type Hurt } from "./fleet.ts";
import type { FaultyStore } from "./faults/faulty-store.ts";
import { readLedger } from "./programs/ledger.ts";
import { FaultInjector } from "./faults/fault-injector.ts";
import { openChaosStore } from "./programs/program-options.ts";
import { createRandom } from "./faults/random.ts";
import { measureRecovery, type Recovery } from "./recovery.ts";
import { SlotWatch } from "./slot-watch.ts";

export interface ChaosOptions {
  readonly faultyStore: FaultyStore;
  /** For the ledger and for compiled code. */
  readonly folder: string;
  readonly kills: number;
  readonly runs: number;
  readonly seed: number;
  readonly workers: number;
  readonly schedulers: number;
  readonly poisons: number;
  readonly gapMs: number;
  readonly stopMs: { readonly min: number; readonly max: number };
  readonly spinMs: number;
  readonly leaseTtlMs: number;
  /** By how much the clocks of some workers are wrong, to both sides. */
  readonly skewMs: number;
  /** Instead of the one that follows from `kills`. */
  readonly plan?: FaultPlan;
  readonly onProgress?: (line: string) => void;
}

export interface ChaosResult {
  readonly checked: CheckedContents;
  /** Everything that must not be; empty when the run passed. */
  readonly findings: readonly (Finding | { readonly kind: string; readonly message: string })[];
  readonly runs: number;
  readonly finished: number;
  readonly attempts: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly counts: Readonly<Record<string, number>>;
  readonly recovery: Recovery;
  readonly starts: number;
  readonly skewed: number;
  readonly troubles: ReadonlyMap<string, number>;
  readonly slots: { readonly samples: number; readonly most: number };
  readonly durationMs: number;
  /** Until the last fault was over. */
  readonly faultsMs: number;
  readonly drainMs: number;
}

const slotsPerWorker = 8;
const maxBacklog = 3_000;
const drainPatienceMs = 60_000;

/** Runs it to its end; resolves also when it failed. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { faultyStore, kills, runs, seed, poisons, folder } = options;
  const startedAt = performance.now();
  const random = createRandom(seed);
  const ledger = join(folder, "ledger");
  await mkdir(ledger, { recursive: true });
  await using fleet = new Fleet({
    size: { worker: options.workers, scheduler: options.schedulers, submitter: 1 },
    program: { ...options, store: faultyStore.store, ledger, slots: slotsPerWorker, plan: { runs, seed, poisons } },
    cacheFolder: join(folder, "compiled"),
    skew: { share: 0.1, byMs: options.skewMs },
    random: createRandom(seed + 1),
  });
  const plan = options.plan ?? planFaults(kills, faultyStore, random);
  const isKeepingUp = (progress: number): boolean => fleet.acknowledgedRuns >= runs * (progress - 0.05);
  const injector = new FaultInjector({ ...options, fleet, plan, random, isKeepingUp });
  fleet.start();
  await using watch = new SlotWatch(faultyStore.reader);
  const [faultsMs] = await Promise.all([
    injector.run().then(() => performance.now() - startedAt),
    feed({ options, fleet, injector }),
  ]);
  const drainStartedAt = performance.now();
  const isDrained = await drain(options, fleet);
  await fleet.dismiss("worker");
  const drainMs = performance.now() - drainStartedAt;

  const contents = await readStoreContents(faultyStore.reader);
  const checked = checkStoreContents(contents, await readLedger(ledger));
  await using store = await openChaosStore(faultyStore.direct);
  return {
    checked,
    findings: [
      ...checked.findings,
      ...(isDrained ? [] : [{ kind: "lost", message: `nothing moved for ${drainPatienceMs} ms` }]),
      ...(await store.verify()).map(({ invariant, message }) => ({ kind: `verify ${invariant}`, message })),
      ...watch.findings,
      ...[...fleet.failures, ...injector.failures].map((message) => ({ kind: "process", message })),
      ...findMissingFaults(countFaults(plan), injector.done),
      ...findSilence(contents, fleet.hurts, runs),
      ...(watch.most > 0 ? [] : [{ kind: "limit", message: "nobody ever held a slot of the limited job" }]),
    ],
    runs: contents.runs.length,
    finished: contents.outcomes.filter(({ state }) => state === "FINISHED").length,
    attempts: contents.attempts.length,
    faults: injector.done,
    counts: faultyStore.counts(),
    recovery: measureRecovery(contents, fleet.hurts, injector.disturbances),
    starts: fleet.starts,
    skewed: fleet.skewed,
    troubles: fleet.troubles,
    slots: { samples: watch.samples, most: watch.most },
    durationMs: performance.now() - startedAt,
    faultsMs,
    drainMs,
  };
}

interface Feed {
  readonly options: ChaosOptions;
  readonly fleet: Fleet;
  readonly injector: FaultInjector;
}

// Work comes in as fast as faults are inflicted, and no faster than it is done.
async function feed({ options, fleet, injector }: Feed): Promise<void> {
  let spokeAt = performance.now();
  for (let allowed = 0; !fleet.isSubmitted;) {
    const wanted = Math.ceil(options.runs * Math.min(1, injector.progress + 0.02));
    const left = await countHeld(options.faultyStore);
    if (left !== undefined && left < maxBacklog) allowed = Math.max(allowed, Math.min(wanted, allowed + 500));
    fleet.allowRuns(allowed);
    if (performance.now() - spokeAt > 5_000) {
      spokeAt = performance.now();
      const share = `${Math.round(injector.progress * 100)} % of the faults`;
      options.onProgress?.(`${share}, ${fleet.acknowledgedRuns} runs acknowledged, ${left ?? "?"} unfinished`);
    }
    await sleep(100);
  }
}

async function drain({ faultyStore, onProgress }: ChaosOptions, fleet: Fleet): Promise<boolean> {
  await fleet.dismiss("submitter");
  await fleet.dismiss("scheduler");
  let least = Number.POSITIVE_INFINITY;
  for (let movedAt = performance.now(); performance.now() - movedAt < drainPatienceMs; await sleep(200)) {
    const left = await countHeld(faultyStore);
    if (left === 0) return true;
    if (left === undefined || left >= least) continue;
    least = left;
    movedAt = performance.now();
    onProgress?.(`${left} unfinished`);
  }
  return false;
}

// Undefined while the store cannot be reached.
async function countHeld({ reader }: FaultyStore): Promise<number | undefined> {
  try {
    const sql = `select ${hotTables.map((table) => `(select count(*) from ${table})`).join(" + ")} as held`;
    return Number((await reader.rows(sql))[0]?.["held"]);
  } catch {
    return undefined;
  }
}

function findMissingFaults(planned: ReadonlyMap<string, number>, done: ReadonlyMap<string, number>): Finding[] {
  return [...planned].flatMap(([name, count]) => {
    const inflicted = done.get(name) ?? 0;
    return inflicted >= count
      ? []
      : [{ kind: "wrong_end" as const, message: `${name} was inflicted ${inflicted} of ${count} times` }];
  });
}

/** A shorter run may be over before its schedulers have seen a tick. */
const leastRunsForTicks = 1_000;
/** With fewer kills, each of them may hit a worker that is idle. */
const leastKillsForLosses = 10;

// A run without ticks or without lost attempts proved nothing.
function findSilence(contents: StoreContents, hurts: readonly Hurt[], runs: number): Finding[] {
  const silence: Finding[] = [];
  const say = (message: string): void => void silence.push({ kind: "wrong_end", message });
  if (contents.runs.length < runs) say(`only ${contents.runs.length} runs of ${runs} were made`);
  if (contents.fires.length === 0 && runs >= leastRunsForTicks) say("no schedule fired");
  const kills = hurts.filter(({ how }) => how === "SIGKILL").length;
  if (kills >= leastKillsForLosses && !contents.attempts.some(({ end }) => end === "lost")) say("no kill hit a run");
  return silence;
}
