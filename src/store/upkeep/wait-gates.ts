// Which gates of a run let nothing through, why, and who holds their slots.
import type { RunId } from "../../core/run-id.ts";
import { all, rowList, type Script } from "../rows/script.ts";
import type { BlockedGate } from "./upkeep-store.ts";

const maxHolders = 5;

// What began before a half open gate was shut tries nothing.
const isProbe = "(gate.blocked_until is null or lease.started_at >= gate.blocked_until)";

interface GateRow {
  readonly gate: string;
  readonly capacity: number | null;
  readonly blockedUntil: number | null;
  readonly halfOpen: number;
  readonly held: number;
  /** How many of them were let through to try a half open gate. */
  readonly probes: number;
  readonly breaker: "closed" | "open" | "half_open" | null;
  readonly lastError: string | null;
}

/** @param gates JSON list of their names, as a lane has it */
export function* listBlockedGates(gates: string, nowMs: number): Script<readonly BlockedGate[]> {
  const names = JSON.parse(gates) as string[];
  if (names.length === 0) return [];
  const rows = yield* all<GateRow>(
    `select gate.name as gate, capacity, blocked_until as "blockedUntil", half_open as "halfOpen",
      (select count(*) from slot where slot.gate = gate.name) as held,
      (select count(*) from slot join lease on lease.run_id = slot.run_id where slot.gate = gate.name and ${isProbe}) as probes,
      breaker.state as breaker, breaker.last_error as "lastError"
    from gate left join breaker on gate.name = 'connection:' || breaker.name
    where gate.name in (select r.value ->> 'name' from (rows ?) r) order by gate.name`,
    rowList(names.map((name) => ({ name }))),
  );
  const blocked = rows.filter(({ capacity, blockedUntil, halfOpen, held, probes }) => {
    const isShut = (blockedUntil ?? 0) > nowMs;
    return isShut || held >= (capacity ?? Infinity) || (halfOpen === 1 && probes >= 1);
  });
  const holders = yield* listHolders(blocked.map(({ gate }) => gate));
  return blocked.map(({ gate, capacity, held, probes, halfOpen, blockedUntil, breaker, lastError }) => ({
    gate,
    capacity: halfOpen === 1 ? 1 : (capacity ?? undefined),
    held: halfOpen === 1 ? probes : held,
    blockedUntilMs: blockedUntil ?? undefined,
    breaker: breaker === null || breaker === "closed" ? undefined : { lastError: lastError ?? undefined },
    holders: holders.get(gate) ?? [],
  }));
}

// The first few of each gate: who waits wants to know for whom.
function* listHolders(gates: readonly string[]): Script<ReadonlyMap<string, BlockedGate["holders"]>> {
  if (gates.length === 0) return new Map();
  const rows = yield* all<{ gate: string; runId: RunId; job: string }>(
    `select gate, "runId", run.job from (
      select slot.gate, slot.run_id as "runId", row_number() over (partition by slot.gate order by slot.run_id) as place
      from slot join gate on gate.name = slot.gate join lease on lease.run_id = slot.run_id
      where slot.gate in (select r.value ->> 'name' from (rows ?) r) and (gate.half_open = 0 or ${isProbe})) held
    join run on run.id = held."runId" where place <= ${maxHolders} order by gate, "runId"`,
    rowList(gates.map((name) => ({ name }))),
  );
  const byGate = Map.groupBy(rows, ({ gate }) => gate);
  return new Map([...byGate].map(([gate, held]) => [gate, held.map(({ runId, job }) => ({ runId, job }))]));
}
