// Scratch folders of the benches: in the repository, so on a real disk and below `node_modules`, and removed afterwards.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join, resolve } from "node:path";

export const repositoryRoot: string = resolve(import.meta.dirname, "../..");

/** Parent of everything that a bench writes. */
export const cacheFolder: string = join(repositoryRoot, ".cache/bench");

export interface BenchFolder extends AsyncDisposable {
  readonly path: string;
}

export async function createBenchFolder(): Promise<BenchFolder> {
  await mkdir(cacheFolder, { recursive: true });
  const path = await mkdtemp(join(cacheFolder, "run-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
