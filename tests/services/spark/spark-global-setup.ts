// Around a run of services' tests: names the folder where the first suite that needs Spark says where it is, and ends it with the run.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the Spark of this test run is told, or will be. */
    sparkFolder: string;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-spark-of-tests-"));
  project.provide("sparkFolder", folder);
  return async () => {
    const told = await readFile(join(folder, "server.json"), "utf8").catch(() => undefined);
    if (told !== undefined) await end(JSON.parse(told) as { readonly pid: number; readonly folder: string });
    await rm(folder, { recursive: true, force: true });
  };
}

async function end({ pid, folder }: { readonly pid: number; readonly folder: string }): Promise<void> {
  try {
    process.kill(pid, "SIGTERM");
    for (let look = 0; look < 100 && isAlive(pid); look += 1) await new Promise((resolve) => setTimeout(resolve, 100));
    if (isAlive(pid)) process.kill(pid, "SIGKILL");
  } catch {
    // it has ended by itself
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
