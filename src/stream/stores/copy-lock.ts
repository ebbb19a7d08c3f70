// The folder of one copy of a store, which one owner has at a time: the lock is that of an SQLite file, which is free the moment its
// process is gone, however that came.
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { makeFolder } from "../../data/files/file-system.ts";
import { isTaken, toLocalStoreError } from "./local-store-error.ts";

/** Free again when it is disposed of. */
export interface OwnedFolder extends Disposable {
  readonly path: string;
}

/**
 * The first folder of a store that nobody has: `0`, `1`, … Another process, thread or run gets another one, with a copy of its own.
 * @throws MillraceError `LOCAL_STORE_FAILED`
 */
export async function takeFolder(storeFolder: string): Promise<OwnedFolder> {
  for (let number = 0; ; number += 1) {
    const path = join(storeFolder, String(number));
    await makeFolder(path).catch((error: unknown) => {
      throw toLocalStoreError(error, path);
    });
    const lock = tryLock(join(path, "lock"));
    if (lock !== undefined) return { path, [Symbol.dispose]: () => lock.close() };
  }
}

function tryLock(path: string): DatabaseSync | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    // a lock alone, of which nothing is written
    database.exec("pragma locking_mode = exclusive; pragma journal_mode = memory; begin exclusive");
    return database;
  } catch (thrown) {
    database?.close();
    if (isTaken(thrown)) return undefined;
    throw toLocalStoreError(thrown, path);
  }
}
