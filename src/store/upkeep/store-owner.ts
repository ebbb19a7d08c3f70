// Binds a store to one project in one environment: the first that opens the store owns it for good.
import { one, run, type Script } from "../rows/script.ts";

/** Whose a store is. */
export interface StoreOwner {
  readonly project: string;
  /** `undefined`: none was chosen. */
  readonly environment: string | undefined;
}

/** One row, by its primary key. `undefined` while nobody owns the store. */
export function* readOwner(): Script<StoreOwner | undefined> {
  const sql = "select project, environment from store_owner where id = 1";
  const owner = yield* one<{ project: string; environment: string | null }>(sql);
  return owner === undefined ? undefined : { project: owner.project, environment: owner.environment ?? undefined };
}

/** Gives a store without an owner to this one; when two ask at once, to the one whose row is there first. @returns the owner */
export function* takeStore(asking: StoreOwner, nowMs: number): Script<StoreOwner> {
  const sql =
    "insert into store_owner (id, project, environment, since) values (1, ?, ?, ?) on conflict (id) do nothing";
  yield* run(sql, asking.project, asking.environment ?? null, nowMs);
  return (yield* readOwner()) ?? asking;
}
