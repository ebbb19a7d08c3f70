// The chaos runs by name: what each hurts, how much, and for how long.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChaosOptions, type ChaosResult, runChaos } from "./chaos-run.ts";
import type { FaultyStore } from "./faults/faulty-store.ts";
import { createFaultyPostgres } from "./faults/faulty-postgres.ts";
import { createSmallDiskSqlite, createFaultySqlite } from "./faults/faulty-sqlite.ts";

export interface ScenarioOptions {
  readonly runs: number;
  readonly seed: number;
  readonly workers: number;
  readonly schedulers: number;
  readonly onProgress?: (line: string) => void;
}

export interface ScenarioResult extends ChaosResult {
  readonly title: string;
  readonly version: string;
  readonly options: Omit<ChaosOptions, "faultyStore" | "folder" | "onProgress" | "plan">;
}

/** Everything on Postgres, or on one SQLite file. Few kills make it a short run, whose faults are shorter, too. */
export async function runKills(
  store: "postgres" | "sqlite",
  { kills, ...options }: ScenarioOptions & { readonly kills: number },
): Promise<ScenarioResult> {
  const isShort = kills < 100;
  const shortMs = isShort ? 200 : 500;
  return await runScenario({
    title: `${kills} kills on ${store === "postgres" ? "Postgres" : "SQLite"}`,
    createStore: (folder) =>
      store === "postgres" ? createFaultyPostgres({ shortMs }) : createFaultySqlite(join(folder, "store"), { shortMs }),
    options: {
      ...options,
      kills,
      poisons: isShort ? 1 : Math.round(kills / 100),
      gapMs: isShort ? 350 : 420,
      stopMs: isShort ? { min: 1_000, max: 3_000 } : { min: 1_000, max: 20_000 },
      spinMs: isShort ? 2_500 : 6_000,
      leaseTtlMs: isShort ? 1_500 : 2_500,
      // One clock is right on Postgres, that of the database. The processes of a file share the clock of their machine,
      // so there it may be wrong by less than a lease.
      skewMs: store === "postgres" ? 600_000 : 1_000,
    },
  });
}

/** Commits whose answers get lost, one after the other, until there were so many; no process is hurt. */
export async function runCommitUnknown({
  cuts,
  ...options
}: ScenarioOptions & { readonly cuts: number }): Promise<ScenarioResult> {
  return await runScenario({
    title: `${cuts} commits on Postgres whose answers got lost`,
    createStore: () => createFaultyPostgres({ shortMs: 200 }),
    plan: { process: [], faultyStore: Array.from({ length: Math.ceil(cuts / 20) }, () => "lose_twenty_answers") },
    options: { ...options, ...calm, kills: 0 },
  });
}

/** A small disk that is full again and again. Needs root, who may mount one. */
export async function runFullDisk({
  times,
  ...options
}: ScenarioOptions & { readonly times: number }): Promise<ScenarioResult> {
  return await runScenario({
    title: `${times} times a full disk under SQLite`,
    createStore: (folder) => createSmallDiskSqlite(join(folder, "disk"), { sizeMb: 96 }),
    plan: {
      process: Array.from({ length: times * 2 }, () => "kill_worker" as const),
      faultyStore: Array.from({ length: times }, () => "full_disk"),
    },
    options: { ...options, ...calm, kills: times * 2 },
  });
}

const calm = {
  poisons: 0,
  gapMs: 1_000,
  stopMs: { min: 1_000, max: 1_000 },
  spinMs: 1_000,
  leaseTtlMs: 2_500,
  skewMs: 0,
} as const;

interface Scenario {
  readonly title: string;
  readonly createStore: (folder: string) => Promise<FaultyStore>;
  readonly plan?: ChaosOptions["plan"];
  readonly options: Omit<ChaosOptions, "faultyStore" | "folder" | "plan">;
}

// The folder is removed when the run passed, and kept for a look otherwise.
async function runScenario({ title, createStore, plan, options }: Scenario): Promise<ScenarioResult> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-chaos-"));
  const result = await (async () => {
    await using faultyStore = await createStore(folder);
    const chaos = await runChaos({ ...options, faultyStore, folder, ...(plan === undefined ? {} : { plan }) });
    return { ...chaos, title, version: faultyStore.version, options };
  })();
  if (result.findings.length === 0) await rm(folder, { recursive: true, force: true });
  return result;
}
