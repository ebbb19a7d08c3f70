import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createDuckDbEngine } from "../../src/compute/duckdb/duckdb-engine.ts";
import { deltaHistory, deltaRelation, openDeltaSnapshot } from "../../src/data/delta/delta-table.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

const folder = useTemporaryFolder("delta-concurrency");
const commits = 20;

async function runWriter(table: string, mode: string, writer: string): Promise<void> {
  const script = fileURLToPath(new URL("../support/data/delta-writer.ts", import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, script, table, mode, writer, String(commits)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const [code] = (await once(child, "close")) as [number];
  if (code !== 0) throw new Error(`writer ${writer} failed: ${errors}`);
}

test.each(["append", "merge"])("two processes that %s at the same time lose no commit", async (mode) => {
  const table = join(folder(), mode, "table");
  await Promise.all([runWriter(table, mode, "one"), runWriter(table, mode, "two")]);
  await using engine = createDuckDbEngine({ threads: 1 });
  await using session = await engine.open();
  const snapshot = await openDeltaSnapshot(table, { session });
  const rows = await session.query(
    `SELECT writer, count(*) AS n, count(DISTINCT n) AS distinct_n FROM (${await deltaRelation(session, snapshot)}) GROUP BY writer ORDER BY writer`,
  );
  const all = BigInt(commits);
  const writers = mode === "append" ? ["one", "two"] : ["both", "one", "two"];
  expect(rows).toEqual(writers.map((writer) => ({ writer, n: all, distinct_n: all })));
  const runs = (await deltaHistory(table)).map((entry) => entry.millrace?.runId);
  expect(new Set(runs).size).toBe(2 * commits);
  expect(snapshot.version).toBe(2 * commits - 1);
  const leftovers = (await readdir(table, { recursive: true })).filter((name) => /(^|\/)\.|tmp$/.test(name));
  expect(leftovers).toEqual([]);
});
