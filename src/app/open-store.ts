// Chooses the store: the Postgres database that the environment names, else the project's file. A store that several
// projects could reach must be this project's. An adapter is loaded only when it is chosen.
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { MillraceError } from "../core/errors/errors.ts";
import type { Store } from "../store/store.ts";

export interface OpenStoreOptions {
  /** `MILLRACE_DATABASE_URL`. */
  readonly databaseUrl: string | undefined;
  /** Schema of that database, and most connections of this process for calls. */
  readonly database: { readonly schema: string; readonly poolSize: number };
  /** Path of the store file otherwise. */
  readonly path: string;
  /** The project that must own the store; `undefined` for a file that lies inside its project. */
  readonly project: string | undefined;
  /** Identifies this life of the machine, from one boot to the next. */
  readonly bootId: string;
}

/**
 * Opens the store with its tables up to date.
 * @throws MillraceError `STORE_TAKEN` when it belongs to another project | `STORE_UNAVAILABLE` | `STORE_CORRUPT` | `STORE_VERSION`
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const store = await openAdapter(options);
  if (options.project === undefined) return store;
  try {
    assertOwner(await store.takeStore(options.project), options.project, options.databaseUrl !== undefined);
    return store;
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
}

async function openAdapter({ databaseUrl, database, path, bootId }: OpenStoreOptions): Promise<Store> {
  if (databaseUrl !== undefined) {
    const { createPostgresStore } = await import("../store/postgres/postgres-store.ts");
    return createPostgresStore({ url: databaseUrl, ...database });
  }
  const { createSqliteStore } = await import("../store/sqlite/sqlite-store.ts");
  await mkdir(dirname(path), { recursive: true });
  return createSqliteStore({ path, bootId });
}

function assertOwner(owner: string, project: string, isDatabase: boolean): void {
  if (owner === project) return;
  const own = isDatabase ? "name another schema as `database.schema`" : "choose another path as `store`";
  throw new MillraceError(
    "STORE_TAKEN",
    `expected a store of project \`${project}\`, got: one of project \`${owner}\``,
    {
      hint: `${own} in the configuration; if this is the same project, set \`name: "${owner}"\` there`,
    },
  );
}
