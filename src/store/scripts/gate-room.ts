// How many runs the limited gates let through right now.
import { all, rowList, type Script } from "../script.ts";
import type { OpenLane } from "./open-lanes.ts";

interface GateRow {
  readonly name: string;
  readonly capacity: number | null;
  readonly blockedUntil: number | null;
  readonly halfOpen: number;
}

/**
 * Free slots of each limited gate of the lanes. The gates are locked in the order of their names until the claim commits,
 * so nobody else takes what is counted here; those without a limit are neither locked nor named in the answer.
 */
export function* findRoom(lanes: readonly OpenLane[], nowMs: number): Script<ReadonlyMap<string, number>> {
  const names = [...new Set(lanes.flatMap(({ gates }) => gates))];
  if (names.length === 0) return new Map();
  const gates = yield* all<GateRow>(
    `select name, capacity, blocked_until as "blockedUntil", half_open as "halfOpen" from gate
    where name in (select r.value ->> 'name' from (rows ?) r)
    and (capacity is not null or blocked_until is not null or half_open = 1) order by name for update`,
    rowList(names.map((name) => ({ name }))),
  );
  if (gates.length === 0) return new Map();
  const held = yield* countSlots(gates.map(({ name }) => name));
  return new Map(gates.map((gate) => [gate.name, roomOf(gate, held.get(gate.name) ?? 0, nowMs)]));
}

// Ranges of the primary key of `slot`, each as long as the gate's capacity.
function* countSlots(names: readonly string[]): Script<ReadonlyMap<string, number>> {
  const rows = yield* all<{ gate: string; held: number }>(
    `select gate, count(*) as held from slot where gate in (select r.value ->> 'name' from (rows ?) r) group by gate`,
    rowList(names.map((name) => ({ name }))),
  );
  return new Map(rows.map(({ gate, held }) => [gate, held]));
}

function roomOf({ capacity, blockedUntil, halfOpen }: GateRow, held: number, nowMs: number): number {
  if (blockedUntil !== null && blockedUntil > nowMs) return 0;
  const limit = Math.min(capacity ?? Infinity, halfOpen === 1 ? 1 : Infinity);
  return Math.max(0, limit - held);
}
