// One Postgres server for all test files of a run: the first that asks starts it, the others wait for it.
// `MILLRACE_TEST_POSTGRES_URL` names a server to use instead.
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inject } from "vitest";
import type {} from "./postgres-global-setup.ts";
import { startPostgresServer } from "./postgres-server.ts";

/** The address of a database that exists, for a role that may make others. */
export async function sharedPostgresUrl(): Promise<string> {
  return process.env["MILLRACE_TEST_POSTGRES_URL"] ?? (await findOrStart(inject("postgresFolder")));
}

/** Tells whether the server is ours, so that a test may count on its settings and restart nothing of others. */
export function isOwnServer(): boolean {
  return process.env["MILLRACE_TEST_POSTGRES_URL"] === undefined;
}

// Making a folder succeeds for one process alone.
async function findOrStart(folder: string): Promise<string> {
  const announcement = join(folder, "url");
  const isFirst = await mkdir(join(folder, "lock")).then(
    () => true,
    () => false,
  );
  if (isFirst) {
    const server = await startPostgresServer({ durable: false, folder }).catch(async (error: unknown) => {
      await announce(announcement, `failed: ${String(error)}`);
      throw error;
    });
    await announce(announcement, server.url("postgres"));
  }
  return await waitForAnnouncement(announcement);
}

async function announce(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

async function waitForAnnouncement(path: string): Promise<string> {
  const deadlineAt = performance.now() + 60_000;
  while (performance.now() < deadlineAt) {
    const text = await readFile(path, "utf8").catch(() => "");
    if (text.startsWith("failed: ")) throw new Error(`the Postgres server of the tests ${text}`);
    if (text !== "") return text;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`no Postgres server after 60 s: ${path}`);
}
