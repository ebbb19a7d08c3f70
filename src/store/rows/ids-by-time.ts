// Bounds of time as bounds of ids: ids grow with time, so a binary search along the primary key finds where a time begins,
// and no index over times is needed where runs come in.
import { one, type Script } from "./script.ts";

/** Transactions that overlap may hand out ids in another order than times; longer ones than this are not waited for. */
export const idSlackMs = 5_000;

/**
 * The least id from which on runs were created at or after that time. Some 20 look-ups of the primary key for each million
 * runs, in one statement. Right to within `idSlackMs`, and where no clock was set back by more than that.
 */
export function* findIdAt(atMs: number): Script<number> {
  const row = yield* one<{ id: number }>(bisect, atMs, atMs);
  return row?.id ?? 0;
}

const probe = "(select r.created_at from run r where r.id >= (look.low + look.high) / 2 order by r.id limit 1)";

// Before `low` all are older. What no run is created at or after is as if it were younger.
const bisect = `with recursive look (low, high) as (
    select coalesce((select min(id) from run), 0), coalesce((select max(id) from run), 0) + 1
    union all
    select case when ${probe} < cast(? as bigint) then (look.low + look.high) / 2 + 1 else look.low end,
      case when ${probe} < cast(? as bigint) then look.high else (look.low + look.high) / 2 end
    from look where look.low < look.high)
  select low as id from look where low >= high`;
