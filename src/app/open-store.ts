// Chooses the store: the Postgres database that the environment names, else the project's file. A store that several
// projects could reach must be this project's, and any store belongs to one environment. An adapter is loaded only when it is chosen.
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { MillraceError } from "../core/errors/errors.ts";
import type { Store } from "../store/store.ts";
import type { StoreOwner } from "../store/upkeep/store-owner.ts";

export interface OpenStoreOptions {
  /** `MILLRACE_DATABASE_URL`. */
  readonly databaseUrl: string | undefined;
  /** Schema of that database, and most connections of this process for calls. */
  readonly database: { readonly schema: string; readonly poolSize: number };
  /** Path of the store file otherwise. */
  readonly path: string;
  /** Whose the store must be. */
  readonly owner: StoreOwner;
  /** Whether other projects could reach it, and not other environments of this one alone. */
  readonly isShared: boolean;
  /** Identifies this life of the machine, from one boot to the next. */
  readonly bootId: string;
}

/**
 * Opens the store with its tables up to date.
 * @throws MillraceError `STORE_TAKEN` when it belongs to another project or environment | `STORE_UNAVAILABLE` | `STORE_CORRUPT` | `STORE_VERSION`
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const store = await openAdapter(options);
  try {
    assertOwner(await store.takeStore(options.owner), options);
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

function assertOwner({ project: owner, environment }: StoreOwner, options: OpenStoreOptions): void {
  const { project } = options.owner;
  const own =
    options.databaseUrl === undefined ? "choose another path as `store`" : "name another schema as `database.schema`";
  if (environment !== options.owner.environment) throw otherEnvironment(environment, options.owner.environment, own);
  if (owner === project || !options.isShared) return;
  throw new MillraceError(
    "STORE_TAKEN",
    `expected a store of project \`${project}\`, got: one of project \`${owner}\``,
    {
      hint: `${own} in the configuration; if this is the same project, set \`name: "${owner}"\` there`,
    },
  );
}

// With its datasets, watermarks and waiting runs, which would go on with other connections and paths.
function otherEnvironment(owner: string | undefined, asking: string | undefined, own: string): MillraceError {
  const message = `expected a store of ${describe(asking)}, got: one of ${describe(owner)}`;
  const way = owner === undefined ? "leave `--env` and MILLRACE_ENV out" : `choose it with \`--env ${owner}\``;
  return new MillraceError("STORE_TAKEN", message, {
    hint: `${way} to work on that store; to keep environments apart, ${own} in the configuration of each`,
  });
}

function describe(environment: string | undefined): string {
  return environment === undefined ? "the project without an environment" : `environment \`${environment}\``;
}
