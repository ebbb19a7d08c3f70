// Folders of runs in a place that executors share. A worker that dies leaves its folder there, so the next attempt of the run takes it
// away, and any other run what nobody can want any more. Processes that still work in one end when it is gone.
import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

const prefix = "map-reduce-";
/** Longer than any run that still works. */
const keptMs = 7 * 86_400_000;

/** Makes a new folder for a run, below `place`. @param run its key: projects that share the place may have runs of one number */
export async function openSharedFolder(place: string, run: string, nowMs: number): Promise<string> {
  await mkdir(place, { recursive: true });
  for (const name of (await readdir(place)).filter((entry) => entry.startsWith(prefix))) {
    const path = join(place, name);
    if (name.startsWith(`${prefix}${run}-`) || (await isOld(path, nowMs))) {
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
    }
  }
  const folder = join(place, `${prefix}${run}-${randomUUID()}`);
  await mkdir(folder);
  return folder;
}

/** By the folder's own time, which changes as long as tasks begin. */
async function isOld(path: string, nowMs: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && nowMs - found.mtimeMs > keptMs;
}
