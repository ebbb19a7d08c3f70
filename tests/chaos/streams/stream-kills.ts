// Kills workers of streams at random moments while records flow, lets others finish, and holds what is there against what was fed.
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { createCommandContext } from "../../../src/cli/command-context.ts";
import { type CliProcess, startCli } from "../../support/cli/cli-process.ts";
import type { Random } from "../faults/random.ts";
import { type BlockRow, blocksSql, decodeBlocks, type LaidRecord, readDelta, readSqlite } from "./read-effects.ts";
import { writeStreamKillProject } from "./stream-kill-project.ts";

export interface StreamKillsOptions {
  readonly kills: number;
  readonly records: number;
  readonly random: Random;
  /** Killing ends then, however many kills there were. Default: never. */
  readonly untilMs?: number;
  readonly onKill?: (kills: number) => void;
}

export interface StreamKills {
  readonly kills: number;
  readonly records: number;
  /** Runs that a kill took from their worker, by job. */
  readonly lostRuns: Readonly<Record<string, number>>;
  readonly batches: number;
  /** What was not as it must be. */
  readonly findings: readonly string[];
}

/** Two workers share the store; each is followed by another one when it is killed. */
export async function killStreams(options: StreamKillsOptions): Promise<StreamKills> {
  const { records, random, onKill } = options;
  const folder = await writeStreamKillProject(Math.max(200, Math.ceil(records / 100)));
  await mkdir(join(folder, "out"));
  try {
    await using app = await createCommandContext(folder).openApp();
    const rounds = Math.max(1, options.kills);
    const size = Math.ceil(records / rounds);
    const feed = async (from: number): Promise<void> => {
      const count = Math.min(size, records - from);
      if (count > 0) await app.submit("feed", { params: { from, count }, createdBy: "test" });
    };
    const workers = [start(folder), start(folder)];
    const lostRuns: Record<string, number> = {};
    let kills = 0;
    for (; kills < options.kills && performance.now() < (options.untilMs ?? Infinity); kills += 1) {
      await feed(kills * size);
      const index = random.integer(0, 1);
      const victim = workers[index];
      // Most die at work, some while they start.
      if (random.next() < 0.9) await victim?.printed(/ executes /);
      await sleep(random.integer(0, 1_500));
      victim?.child.kill("SIGKILL");
      const result = await victim?.ended;
      if (result?.code !== null) throw new Error(`a worker had ended before it was killed: ${result?.stderr}`);
      for (const job of runsOf(folder, victim?.child.pid)) lostRuns[job] = (lostRuns[job] ?? 0) + 1;
      workers[index] = start(folder);
      onKill?.(kills + 1);
    }
    for (let from = kills * size; from < records; from += size) await feed(from);
    const ends = await Promise.all(workers.map(({ ended }) => ended));
    const failed = ends
      .filter(({ code }) => code !== 0)
      .map(({ code, stderr }) => `a worker ended with ${code}: ${stderr}`);
    const { batches, findings } = await judge(folder, records);
    return { kills, records, lostRuns, batches, findings: [...failed, ...findings] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function start(folder: string): CliProcess {
  return startCli(folder, ["worker", "--until-idle"]);
}

function open(folder: string): DatabaseSync {
  return new DatabaseSync(join(folder, ".millrace/store.db"), { readOnly: true, timeout: 5_000 });
}

/** Jobs of the runs that the store believes to be in a process. */
function runsOf(folder: string, pid: number | undefined): readonly string[] {
  using database = open(folder);
  const sql =
    "select r.job from run r join lease l on l.run_id = r.id join worker w on w.id = l.worker_id where w.pid = ?";
  return database
    .prepare(sql)
    .all(pid ?? 0)
    .map(({ job }) => String(job));
}

async function judge(
  folder: string,
  count: number,
): Promise<{ readonly batches: number; readonly findings: readonly string[] }> {
  using database = open(folder);
  const read = (topic: string): readonly LaidRecord[] =>
    decodeBlocks(database.prepare(blocksSql(topic)).all() as unknown as readonly BlockRow[]);
  const [numbers, doubled] = [read("numbers"), read("doubled")];
  const batch = database.prepare("select count(*) as n from stream_batch").get();
  const letters = database.prepare("select count(*) as n from stream_dead_letter").get();
  const places = (records: readonly LaidRecord[]): readonly number[] => records.map(({ n }) => n);
  return {
    batches: Number(batch?.["n"]),
    findings: [
      ...findFaults("topic `numbers`", places(numbers), count),
      ...findFaults("topic `doubled`", places(doubled), count),
      ...findFaults("the Delta table", await readDelta(folder), count),
      ...findFaults("the SQLite table", readSqlite(folder), count),
      ...findDisorder(numbers, doubled),
      ...(Number(letters?.["n"]) === 0 ? [] : [`${Number(letters?.["n"])} dead letters`]),
      ...findUndone(database),
    ],
  };
}

/** Runs that failed or did not end, besides those that are kept alive, and batches that are not done. */
function findUndone(database: DatabaseSync): readonly string[] {
  const runs = database
    .prepare(
      `select r.job, coalesce(o.state, 'no end') as state, o.error, count(*) as n from run r left join outcome o on o.run_id = r.id
        where r.job in ('feed', 'keep') and coalesce(o.state, '') <> 'FINISHED' group by 1, 2, 3`,
    )
    .all();
  const waiting = database
    .prepare("select state, records, number from stream_batch where state <> 'done'")
    .all()
    .map(({ state, records, number }) => `batch ${String(number)} of ${String(records)} records is ${String(state)}`);
  return [
    ...runs.map(({ job, state, error, n }) => `${String(n)} runs of ${String(job)}: ${String(state)} ${String(error)}`),
    ...waiting,
  ];
}

/** What is not there once of the numbers below `count`. */
export function findFaults(where: string, found: readonly number[], count: number): readonly string[] {
  const times = new Uint32Array(count);
  const strangers = found.filter((n) => !Number.isInteger(n) || n < 0 || n >= count);
  for (const n of found) if (n < count) times[n] = (times[n] ?? 0) + 1;
  const lost = times.filter((time) => time === 0).length;
  const doubled = times.filter((time) => time > 1).length;
  return lost + doubled + strangers.length === 0
    ? []
    : [`${where}: ${lost} lost, ${doubled} there more than once, ${strangers.length} that nobody made`];
}

/** Keys whose records are in another order in the second topic than in the first, and offsets that are not dense. */
export function findDisorder(first: readonly LaidRecord[], second: readonly LaidRecord[]): readonly string[] {
  const [before, after] = [first, second].map((records) => Map.groupBy(records, ({ key }) => key));
  const keys = [...(before ?? [])].flatMap(([key, records]) => {
    const own = after?.get(key) ?? [];
    return records.length === own.length && records.every(({ n }, index) => own[index]?.n === n) ? [] : [key];
  });
  const holes = [first, second].flatMap((records) =>
    [...Map.groupBy(records, ({ partition }) => partition).values()].filter((own) =>
      own.some(({ offset }, index) => offset !== index),
    ),
  );
  return [
    ...(keys.length === 0 ? [] : [`the order of ${keys.length} keys is another one: ${keys.slice(0, 5).join(", ")}`]),
    ...(holes.length === 0 ? [] : [`${holes.length} partitions have holes`]),
  ];
}
