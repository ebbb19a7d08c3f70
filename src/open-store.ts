// Chooses the store: the Postgres database that the environment names, else the project's file.
// An adapter is loaded only when it is chosen.
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Store } from "./store/store.ts";

export interface OpenStoreOptions {
  /** `MILLRACE_DATABASE_URL`. */
  readonly databaseUrl: string | undefined;
  /** Path of the store file otherwise. */
  readonly path: string;
  /** Of this life of the machine. */
  readonly bootId: string;
}

/** Opens the store with its tables up to date. @throws MillraceError `STORE_UNAVAILABLE` | `STORE_CORRUPT` | `STORE_VERSION` */
export async function openStore({ databaseUrl, path, bootId }: OpenStoreOptions): Promise<Store> {
  if (databaseUrl !== undefined) {
    const { createPostgresStore } = await import("./store/postgres/postgres-store.ts");
    return createPostgresStore({ url: databaseUrl });
  }
  const { createSqliteStore } = await import("./store/sqlite/sqlite-store.ts");
  await mkdir(dirname(path), { recursive: true });
  return createSqliteStore({ path, bootId });
}
