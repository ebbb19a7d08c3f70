// Kills workers of streams, and the servers that they need, at random moments while records flow; lets others finish, and holds what is
// there against what was fed.
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type App, openApp } from "../../../src/app/app.ts";
import { readEnvironment } from "../../../src/config.ts";
import { loadProject } from "../../../src/project/project.ts";
import type { Random } from "../faults/random.ts";
import { describeState, findUndone } from "./find-undone.ts";
import { type KillPlace, openKillPlace, type PlaceKind, type StoreRow } from "./kill-place.ts";
import { KilledWorkers } from "./killed-workers.ts";
import { writeStreamKillProject } from "./stream-kill-project.ts";
import { findFaults, TopicTally } from "./topic-tally.ts";

export interface StreamKillsOptions extends PlaceKind {
  /** Of workers and servers together. */
  readonly kills: number;
  readonly records: number;
  readonly random: Random;
  /** Killing ends then, however many kills there were. Default: never. */
  readonly untilMs?: number;
  readonly onKill?: (kills: number) => void;
  /** Told where the project was left and how its runs, batches and groups stand, when something is wrong. Default: it is removed. */
  readonly onFindings?: (folder: string, state: string) => void;
}

export interface StreamKills extends PlaceKind {
  readonly kills: number;
  readonly records: number;
  /** Kills of each server, by its name. */
  readonly killedServers: Readonly<Record<string, number>>;
  /** Runs that a kill took from their worker, by job. */
  readonly lostRuns: Readonly<Record<string, number>>;
  readonly batches: number;
  /** What was not as it must be. */
  readonly findings: readonly string[];
}

/** Each one in so many kills is that of a server, where there is one. */
const serverEvery = 6;
/** So long a server is away at most. */
const awayMs = 2_000;
const finishWithinMs = 900_000;

export async function killStreams(options: StreamKillsOptions): Promise<StreamKills> {
  const { records, store, log, onFindings } = options;
  await using place = await openKillPlace(options);
  const batchRecords = Math.max(200, Math.ceil(records / 30));
  const folder = await writeStreamKillProject({ ...place, batchRecords });
  await mkdir(join(folder, "out"));
  let isKept = false;
  try {
    const query = (sql: string): Promise<readonly StoreRow[]> => place.query(folder, sql);
    const { failed, ...counts } = await killWorkers(options, place, folder);
    const findings = [...failed, ...(await findWrong(place, folder, records, log)), ...(await findUndone(query))];
    const [batch] = await query("select count(*) as n from stream_batch");
    if (findings.length > 0 && onFindings !== undefined) {
      isKept = true;
      onFindings(folder, await describeState(query));
    }
    return { store, log, records, ...counts, batches: Number(batch?.["n"]), findings };
  } finally {
    if (!isKept) await rm(folder, { recursive: true, force: true });
  }
}

interface Killed extends Pick<StreamKills, "kills" | "killedServers" | "lostRuns"> {
  readonly failed: readonly string[];
}

/** Feeds a part of the records before each kill, so that there is something to do whenever somebody dies. */
async function killWorkers(
  { kills: wanted, records, random, untilMs = Infinity, onKill }: StreamKillsOptions,
  place: KillPlace,
  folder: string,
): Promise<Killed> {
  await using app = await openFeeder(folder, place.env);
  const size = Math.ceil(records / Math.max(1, wanted));
  let fed = 0;
  const feed = async (): Promise<void> => {
    const count = Math.min(size, records - fed);
    if (count > 0) await submitFeed(app, fed, count);
    fed += count;
  };
  await feed();
  await using workers = new KilledWorkers(folder, place.env);
  const lostRuns: Record<string, number> = {};
  const killedServers: Record<string, number> = {};
  let kills = 0;
  while (kills < wanted && performance.now() < untilMs) {
    const server = kills % serverEvery === 2 && place.servers.length > 0 ? random.pick(place.servers) : undefined;
    if (server === undefined) {
      const pid = await workers.kill(random);
      if (pid === undefined) continue;
      for (const job of await runsOf(place, folder, pid)) count(lostRuns, job);
    } else {
      await pause(random.integer(0, awayMs));
      await server.kill();
      await pause(random.integer(0, awayMs));
      await server.start();
      count(killedServers, server.name);
    }
    kills += 1;
    onKill?.(kills);
    await feed();
  }
  while (fed < records) await feed();
  const ends = await workers.finish(finishWithinMs);
  const failed = (ends ?? [])
    .filter(({ code }) => code !== 0)
    .map(({ code, stderr }) => `a worker ended with ${code}: ${stderr}`);
  const late = ends === undefined ? [`the workers did not end within ${finishWithinMs / 60_000} minutes`] : [];
  return { kills, killedServers, lostRuns, failed: [...failed, ...late] };
}

async function openFeeder(folder: string, variables: Readonly<Record<string, string>>): Promise<App> {
  const environment = readEnvironment({ ...process.env, ...variables });
  return await openApp({ project: await loadProject({ cwd: folder, environment }), environment });
}

/** Once for all: one that has ended without an answer is found by its parameters when it is submitted again. */
async function submitFeed(app: App, from: number, count: number): Promise<void> {
  await app.submit("feed", { params: { from, count }, createdBy: "test" });
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Jobs of the runs that the store believes to be in a process. */
async function runsOf(place: KillPlace, folder: string, pid: number): Promise<readonly string[]> {
  const sql = `select r.job from run r join lease l on l.run_id = r.id join worker w on w.id = l.worker_id where w.pid = ${pid}`;
  return (await place.query(folder, sql)).map(({ job }) => String(job));
}

async function findWrong(
  place: KillPlace,
  folder: string,
  records: number,
  log: PlaceKind["log"],
): Promise<readonly string[]> {
  const read = async (topic: string): Promise<TopicTally> => {
    const tally = new TopicTally(topic, log === "embedded");
    await place.readTopic(folder, topic, (record) => tally.add(record));
    return tally;
  };
  const numbers = await read("numbers");
  const doubled = await read("doubled");
  const tables = Object.entries(await place.readTables(folder));
  return [
    ...numbers.findFaults(records),
    ...doubled.findFaults(records),
    ...doubled.findDisorder(numbers),
    ...tables.flatMap(([name, found]) => findFaults(name, found, records)),
  ];
}
