// A chaos run on one SQLite file that all processes share. Its faults: a reader that holds an old state of the file, a
// writer that holds the lock, and, on a small disk of its own, no space left.
import { execFile } from "node:child_process";
import { mkdir, open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { openReader } from "../store-contents.ts";
import type { FaultyStore } from "./faulty-store.ts";
import { openChaosStore } from "../programs/program-options.ts";

const run = promisify(execFile);
const lockPatienceMs = 30_000;

/** @param folder of the store file; it is made when it is missing */
export async function createFaultySqlite(
  folder: string,
  { shortMs }: { readonly shortMs: number },
): Promise<FaultyStore> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, "store.db");
  const store = { dialect: "sqlite", path } as const;
  // Makes the tables, so that the reader has something to read.
  await (await openChaosStore(store))[Symbol.asyncDispose]();
  const reader = await openReader(store);
  return {
    dialect: "sqlite",
    store,
    direct: store,
    reader,
    version: `SQLite ${String((await reader.rows("select sqlite_version() as v"))[0]?.["v"])}`,
    faults: {
      // The log of the file cannot be taken back into it as long as somebody reads from before.
      old_reader: {
        perThousand: 60,
        inflict: (random) =>
          holding(path, "begin; select count(*) from run;", random.integer(shortMs, shortMs * 5), "commit"),
      },
      // Everybody else waits for the lock, shorter than their patience.
      held_lock: {
        perThousand: 60,
        stalls: true,
        inflict: (random) => holding(path, "begin immediate;", random.integer(shortMs, shortMs * 3), "rollback"),
      },
    },
    counts: () => ({}),
    heal: async () => undefined,
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}

async function holding(path: string, begin: string, holdMs: number, end: string): Promise<void> {
  const database = new DatabaseSync(path);
  try {
    await beginPatiently(database, begin);
    await sleep(holdMs);
    database.exec(end);
  } finally {
    database.close();
  }
}

// Another process may have been stopped with the lock in its hands. Waiting here must not block this process.
async function beginPatiently(database: DatabaseSync, begin: string): Promise<void> {
  for (const startedAt = performance.now(); ; await sleep(10)) {
    try {
      database.exec(begin);
      return;
    } catch (error) {
      if (database.isTransaction) database.exec("rollback");
      if (performance.now() - startedAt > lockPatienceMs) throw error;
    }
  }
}

/** Tells whether a small disk can be mounted here, which only root may do. */
export async function canMount(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true });
    await run("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]);
    await run("umount", ["-l", folder]);
    return true;
  } catch {
    return false;
  }
}

/** The same on a disk of `sizeMb`, which is full now and then. */
export async function createSmallDiskSqlite(
  folder: string,
  { sizeMb }: { readonly sizeMb: number },
): Promise<FaultyStore> {
  await mkdir(folder, { recursive: true });
  await run("mount", ["-t", "tmpfs", "-o", `size=${sizeMb}m`, "tmpfs", folder]);
  const faultyStore = await createFaultySqlite(folder, { shortMs: 200 });
  const ballast = join(folder, "ballast");
  let fullMs = 0;
  return {
    ...faultyStore,
    version: `${faultyStore.version} on a disk of ${sizeMb} MB`,
    faults: {
      full_disk: {
        perThousand: 500,
        stalls: true,
        async inflict(random, countTroubles) {
          const startedAt = performance.now();
          const before = countTroubles("DISK_FULL");
          await fill(ballast);
          await sleep(random.integer(500, 1_500));
          // What fits into the files as they are is written as ever, so it lasts until somebody needs more.
          while (countTroubles("DISK_FULL") === before && performance.now() - startedAt < unnoticedMs) await sleep(20);
          await rm(ballast, { force: true });
          fullMs += performance.now() - startedAt;
        },
      },
    },
    counts: () => ({ full_disk_ms: Math.round(fullMs) }),
    heal: () => rm(ballast, { force: true }),
    async [Symbol.asyncDispose]() {
      await faultyStore[Symbol.asyncDispose]();
      await run("umount", ["-l", folder]);
    },
  };
}

/** How long a full disk waits for somebody to meet it. */
const unnoticedMs = 5_000;

async function fill(path: string): Promise<void> {
  await writeFile(path, "");
  await using file = await open(path, "a");
  for (const size of [1 << 20, 1 << 12]) {
    const block = Buffer.alloc(size);
    try {
      for (;;) await file.write(block);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
    }
  }
}
