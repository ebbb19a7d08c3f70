// Around a run of tests: names the folder where the first test that needs Postgres starts it, and stops it at the end.
// Servers whose test run was killed are stopped by the next one.
import { mkdir, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { removeServer } from "./postgres-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the server of this test run lives, or will. */
    postgresFolder: string;
  }
}

const prefix = "millrace-postgres-of-";

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeAbandoned();
  const folder = join(tmpdir(), `${prefix}${process.pid}-${project.name}`);
  await mkdir(folder, { recursive: true });
  project.provide("postgresFolder", folder);
  return async () => await removeServer(folder);
}

async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(name.startsWith(prefix) ? name.slice(prefix.length).split("-")[0] : Number.NaN);
    if (Number.isInteger(pid) && !isAlive(pid)) await removeServer(join(tmpdir(), name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
