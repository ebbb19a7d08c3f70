// Limits: what each gate lets through at once. Slots are counted, never stored, so a new capacity is exact from its commit on.
import { MillraceError } from "../../core/errors.ts";
import type { LimitState } from "../control-store.ts";
import { all, rowList, run, type Script } from "../script.ts";

export interface NewLimit {
  readonly gate: string;
  /** 0 lets nothing through; `undefined` removes the limit. */
  readonly capacity: number | undefined;
}

/** @throws MillraceError `VALUE_INVALID` before anything is written */
export function assertLimits(limits: readonly NewLimit[]): void {
  for (const { gate, capacity } of limits) {
    if (!/^(?:job|pool|connection|tenant):./.test(gate)) {
      throw new MillraceError("VALUE_INVALID", `expected a gate to name what it limits, got: \`${gate}\``, {
        hint: "gates are `job:<name>`, `pool:<name>`, `connection:<name>` and `tenant:<name>`",
      });
    }
    if (capacity !== undefined && !(Number.isSafeInteger(capacity) && capacity >= 0)) {
      const expected = `expected the capacity of \`${gate}\` to be a whole number of at least 0`;
      throw new MillraceError("VALUE_INVALID", `${expected}, got: \`${capacity}\``);
    }
  }
}

/** A lowered capacity takes nobody's slot: the gate is closed until enough have left. Of two limits of one gate the last holds. */
export function* setLimits(limits: readonly NewLimit[]): Script<void> {
  const byGate = new Map(limits.map((limit) => [limit.gate, limit]));
  if (byGate.size === 0) return;
  yield* run(
    `insert into gate (name, capacity) select r.value ->> 'gate', cast(r.value ->> 'capacity' as bigint) from (rows ?) r
    where true order by 1 on conflict (name) do update set capacity = excluded.capacity`,
    rowList([...byGate.values()].map(({ gate, capacity }) => ({ gate, capacity: capacity ?? null }))),
  );
}

/** Gates with a limit or a block, by name. */
export function* listLimits(): Script<readonly LimitState[]> {
  const rows = yield* all<{ gate: string; capacity: number | null; held: number; blockedUntilMs: number | null }>(
    `select gate.name as gate, gate.capacity, gate.blocked_until as "blockedUntilMs",
      (select count(*) from slot where slot.gate = gate.name) as held
    from gate where gate.capacity is not null or gate.blocked_until is not null order by gate.name`,
  );
  return rows.map((row) => ({
    ...row,
    capacity: row.capacity ?? undefined,
    blockedUntilMs: row.blockedUntilMs ?? undefined,
  }));
}
