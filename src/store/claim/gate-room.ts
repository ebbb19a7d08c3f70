// Computes how many runs each limited gate lets through right now.
import { all, rowList, type Script } from "../rows/script.ts";
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
  const probes = yield* countProbes(gates.filter(({ halfOpen }) => halfOpen === 1));
  return new Map(
    gates.map((gate) => {
      const taken = { held: held.get(gate.name) ?? 0, probes: probes.get(gate.name) ?? 0 };
      return [gate.name, roomOf(gate, taken, nowMs)];
    }),
  );
}

// Ranges of the primary key of `slot`, each as long as the gate's capacity.
function* countSlots(names: readonly string[]): Script<ReadonlyMap<string, number>> {
  const rows = yield* all<{ gate: string; held: number }>(
    `select gate, count(*) as held from slot where gate in (select r.value ->> 'name' from (rows ?) r) group by gate`,
    rowList(names.map((name) => ({ name }))),
  );
  return new Map(rows.map(({ gate, held }) => [gate, held]));
}

// A run that started before the block of its gate ended is no probe, and may go on for hours.
function* countProbes(gates: readonly GateRow[]): Script<ReadonlyMap<string, number>> {
  if (gates.length === 0) return new Map();
  const rows = yield* all<{ gate: string; probes: number }>(
    `select slot.gate, count(*) as probes from slot join gate on gate.name = slot.gate join lease on lease.run_id = slot.run_id
    where slot.gate in (select r.value ->> 'name' from (rows ?) r)
    and (gate.blocked_until is null or lease.started_at >= gate.blocked_until) group by slot.gate`,
    rowList(gates.map(({ name }) => ({ name }))),
  );
  return new Map(rows.map(({ gate, probes }) => [gate, probes]));
}

function roomOf(
  { capacity, blockedUntil, halfOpen }: GateRow,
  { held, probes }: { held: number; probes: number },
  nowMs: number,
): number {
  if (blockedUntil !== null && blockedUntil > nowMs) return 0;
  return Math.max(0, Math.min((capacity ?? Infinity) - held, halfOpen === 1 ? 1 - probes : Infinity));
}
