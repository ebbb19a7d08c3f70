// Capacities of gates, and who holds them.
import { MillraceError } from "../../core/errors.ts";
import type { LimitState } from "../control-store.ts";
import { all, rowList, run, type Script } from "../script.ts";

/** Sets or removes limits. @throws MillraceError `VALUE_INVALID` for a capacity that is not a positive integer */
export function* setLimits(limits: readonly { gate: string; capacity: number | undefined }[]): Script<void> {
  limits.forEach(assertCapacity);
  if (limits.length === 0) return;
  const newest = new Map(limits.map(({ gate, capacity }) => [gate, capacity]));
  const rows = rowList([...newest].map(([gate, capacity]) => ({ gate, capacity: capacity ?? null })));
  // A claim holds the gate's row while it counts, so a new capacity comes before or after it, never in between.
  yield* run(
    `insert into gate (name, capacity) select r.value ->> 'gate', cast(r.value ->> 'capacity' as bigint) from (rows ?) r
    where true order by 1 on conflict (name) do update set capacity = excluded.capacity`,
    rows,
  );
  yield* run(
    `update gate set lowered = case when capacity < (select count(*) from slot where slot.gate = gate.name) then 1 else 0 end
    where name in (select r.value ->> 'gate' from (rows ?) r)`,
    rows,
  );
}

/** Every gate that was ever limited or is held, by name. */
export function* listLimits(): Script<LimitState[]> {
  const rows = yield* all<Record<"gate", string> & Record<"capacity" | "held" | "blockedUntil", number | null>>(
    `select gate.name as gate, capacity, blocked_until as "blockedUntil",
      (select count(*) from slot where slot.gate = gate.name) as held from gate order by gate.name`,
  );
  return rows.map(({ gate, capacity, held, blockedUntil }) => ({
    gate,
    capacity: capacity ?? undefined,
    held: held ?? 0,
    blockedUntilMs: blockedUntil ?? undefined,
  }));
}

function assertCapacity({ gate, capacity }: { gate: string; capacity: number | undefined }): void {
  if (capacity === undefined || (Number.isSafeInteger(capacity) && capacity >= 1)) return;
  throw new MillraceError(
    "VALUE_INVALID",
    `expected the limit of \`${gate}\` to be a positive integer, got: \`${capacity}\``,
    {
      hint: "pause the job to let nothing through",
    },
  );
}
