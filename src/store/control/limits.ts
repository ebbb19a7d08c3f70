// Capacities of gates, and who holds them.
import { MillraceError } from "../../core/errors/errors.ts";
import type { RunId } from "../../core/run-id.ts";
import type { LimitChange, LimitState } from "./control-store.ts";
import { all, rowList, run, type Script } from "../rows/script.ts";

/**
 * Sets or removes limits. @throws MillraceError `VALUE_INVALID` for a capacity that is not a positive integer |
 * `VERSION_CONFLICT` when one is not what the caller saw
 */
export function* setLimits(limits: readonly LimitChange[]): Script<void> {
  limits.forEach(assertCapacity);
  if (limits.length === 0) return;
  yield* assertSeen(limits);
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

/** One range of the primary key of slots for each gate. */
export function* listHolders(gates: readonly string[], limit: number): Script<ReadonlyMap<string, readonly RunId[]>> {
  if (gates.length === 0) return new Map();
  const rows = yield* all<{ gate: string; runId: RunId }>(
    `select slot.gate, slot.run_id as "runId" from (rows ?) r ordered join slot on slot.gate = r.value ->> 'gate'
      and slot.run_id <= coalesce((select max(run_id) from (select run_id from slot first where first.gate = r.value ->> 'gate'
        order by run_id limit ?) held), 0)
    order by slot.gate, slot.run_id`,
    rowList(gates.map((gate) => ({ gate }))),
    Math.max(0, limit),
  );
  return new Map(
    [...Map.groupBy(rows, ({ gate }) => gate)].map(([gate, held]) => [gate, held.map(({ runId }) => runId)]),
  );
}

// The rows stay locked, so that nobody sets another capacity between the look and the change.
function* assertSeen(limits: readonly LimitChange[]): Script<void> {
  const seen = limits.filter(({ seenCapacity }) => seenCapacity !== undefined);
  if (seen.length === 0) return;
  const rows = yield* all<{ gate: string; capacity: number | null }>(
    `select name as gate, capacity from gate where name in (select r.value ->> 'gate' from (rows ?) r) order by name for update`,
    rowList(seen.map(({ gate }) => ({ gate }))),
  );
  const capacities = new Map(rows.map(({ gate, capacity }) => [gate, capacity]));
  for (const { gate, seenCapacity } of seen) {
    const capacity = capacities.get(gate) ?? null;
    if (capacity === seenCapacity) continue;
    const message = `the limit of \`${gate}\` is \`${capacity ?? "none"}\`, and the change was made for: \`${seenCapacity ?? "none"}\``;
    throw new MillraceError("VERSION_CONFLICT", message, { hint: "look at it again and decide anew" });
  }
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
