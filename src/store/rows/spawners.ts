// Finds the runs that started others: a run that a handler spawned is a root of its own, and its spawner asks for its result by its id.
import type { RunId } from "../../core/run-id.ts";
import { all, idList, type Script } from "./script.ts";

/** The root above a run, as far as it is still there. */
export interface SpawnerRoot {
  readonly root: RunId;
  /** A run that spawned it, or spawned its spawner, and so on. */
  readonly above: RunId;
  readonly finishedAtMs: number | null;
}

/** All roots above each of these, up to the first that is gone. A few primary key look-ups for each; handlers spawn at most 32 deep. */
export function* listSpawnerRoots(roots: readonly RunId[]): Script<readonly SpawnerRoot[]> {
  if (roots.length === 0) return [];
  return yield* all<SpawnerRoot>(
    `with recursive line (root, above) as (
      select run.id, spawner.root_run_id from run join run spawner on spawner.id = run.spawned_by where run.id in (ids ?)
      union select line.root, spawner.root_run_id from line ordered join run on run.id = line.above
        ordered join run spawner on spawner.id = run.spawned_by)
    select line.root, line.above, outcome.finished_at as "finishedAtMs"
    from line left join outcome on outcome.run_id = line.above`,
    idList(roots),
  );
}
