import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createDuckDbEngine } from "../../src/compute/duckdb/duckdb-engine.ts";
import { decodePath } from "../../src/data/delta/log/delta-path.ts";
import { readCommit } from "../../src/data/delta/log/delta-log.ts";
import { deltaRelation, openDeltaSnapshot, removeUnreferenced } from "../../src/data/delta/delta-table.ts";
import { publish } from "../support/data/delta-publish.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

const folder = useTemporaryFolder("delta-crash");

interface Intent {
  readonly names: readonly string[];
  readonly baseVersion: number;
}

/** Starts the writer and kills it around the commit that follows one of its first intents. */
async function runAndKill(table: string, journal: string): Promise<void> {
  const script = fileURLToPath(new URL("../support/data/delta-endless-writer.ts", import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, script, table, journal], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const closed = once(child, "close");
  let intentsLeft = 1 + Math.floor(Math.random() * 5);
  await new Promise<void>((resolve) => {
    child.once("close", resolve);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      intentsLeft -= text.split("intent").length - 1;
      if (intentsLeft <= 0) resolve();
    });
  });
  await after(Math.random() * 8);
  child.kill("SIGKILL");
  await closed;
  if (child.signalCode !== "SIGKILL") throw new Error(`the writer ended by itself: ${errors}`);
}

async function readJournal(journal: string): Promise<Intent[]> {
  const text = await readFile(journal, "utf8").catch(() => "");
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Intent);
}

test("a writer killed at any moment leaves whole commits, and its files are cleaned up by its intents", async () => {
  const table = join(folder(), "table");
  const journal = join(folder(), "journal.ndjson");
  await using engine = createDuckDbEngine({ threads: 1 });
  await using session = await engine.open();
  await publish(session, table, "select 'first' as id, i % 3 as p from range(9) t(i)", { partitionBy: ["p"] });
  for (let round = 0; round < 12; round += 1) {
    await runAndKill(table, journal);
    for (const { names, baseVersion } of await readJournal(journal))
      await removeUnreferenced(table, names, baseVersion);
    const snapshot = await openDeltaSnapshot(table, { session });
    const torn = await session.query(
      `SELECT id FROM (${await deltaRelation(session, snapshot)}) GROUP BY id HAVING count(*) <> 9 OR count(DISTINCT p) <> 3`,
    );
    expect(torn).toEqual([]);
    expect(await dataFiles(table)).toEqual(await referencedFiles(table, snapshot.version));
    const log = await readdir(join(table, "_delta_log"));
    expect(log.filter((name) => !/^(\d{20}\.(json|checkpoint\.parquet)|_last_checkpoint)$/.test(name))).toEqual([]);
  }
});

async function dataFiles(table: string): Promise<string[]> {
  const names = await readdir(table, { recursive: true });
  return inOrder(names.filter((name) => name.endsWith(".parquet") && !name.startsWith("_delta_log")));
}

async function referencedFiles(table: string, latest: number): Promise<string[]> {
  const found = new Set<string>();
  for (let version = 0; version <= latest; version += 1) {
    for (const { add } of (await readCommit(table, version)) ?? []) if (add) found.add(decodePath(add.path));
  }
  return inOrder([...found]);
}

function inOrder(names: readonly string[]): string[] {
  return names.toSorted((a, b) => (a < b ? -1 : 1));
}
