// Which project owns a store. The first one that opens it owns it for good.
import { one, run, type Script } from "../rows/script.ts";

/** One row, by its primary key. `undefined` while nobody owns the store. */
export function* readOwner(): Script<string | undefined> {
  return (yield* one<{ project: string }>("select project from store_owner where id = 1"))?.project;
}

/** Makes the project the owner of a store without one; when two ask at once, the one whose row is there first. @returns the owner */
export function* takeStore(project: string, nowMs: number): Script<string> {
  const sql = "insert into store_owner (id, project, since) values (1, ?, ?) on conflict (id) do nothing";
  yield* run(sql, project, nowMs);
  return (yield* readOwner()) ?? project;
}
