// A process that is killed while it applies leaves the topic folded up to its positions, whenever that is.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { amountAt, recordsEach } from "../../../tests/support/streams/folding-process.ts";
import { useTemporaryFolder } from "../../../tests/support/temporary-folder.ts";
import { StateFile } from "./state-file.ts";

const folder = useTemporaryFolder("store-kill");
const script = join(import.meta.dirname, "../../../tests/support/streams/folding-process.ts");

test("state and positions agree after each of several kills, and the lock is free", async () => {
  for (let kill = 0; kill < 6; kill += 1) {
    const positions = await foldAndKill(5 + 12 * kill);
    if (positions === undefined) continue;
    // each kill finds what the one before has left, or more
    expect(Math.max(...positions)).toBeLessThanOrEqual(recordsEach);
  }
});

/** @returns the positions that were left */
async function foldAndKill(afterMs: number): Promise<readonly number[] | undefined> {
  const child = spawn(process.execPath, [script, folder()], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  // where the kill falls is chance: whatever it hits has to be whole
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  child.kill("SIGKILL");
  await once(child, "close");
  return await checkState();
}

async function checkState(): Promise<readonly number[] | undefined> {
  const copyFolder = join(folder(), "counted", "0");
  const names: readonly string[] = await readdir(join(folder(), "counted"));
  // the next process takes the folder that the killed one had
  expect(names).toEqual(["0"]);
  const name = existsSync(copyFolder)
    ? (await readdir(copyFolder)).find((file) => file.endsWith(".sqlite"))
    : undefined;
  if (name === undefined) return undefined;
  using file = StateFile.open(join(copyFolder, name), "any");
  if (file === undefined) return undefined;
  const expected = new Map<string, number>();
  for (const { partition, offset } of file.positions.values()) {
    for (let at = 0; at < offset; at += 1) {
      const { id, add } = amountAt(partition, at);
      expected.set(id, (expected.get(id) ?? 0) + add);
    }
  }
  const held = new Map<string, number>();
  for (let after: string | undefined; ;) {
    const page = file.list("", after);
    for (const { key, text } of page) held.set(key, Number(text));
    after = page.at(-1)?.key;
    if (after === undefined) break;
  }
  expect(held).toEqual(expected);
  return [...file.positions.values()].map(({ offset }) => offset);
}
