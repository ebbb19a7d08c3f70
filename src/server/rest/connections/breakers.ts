// Shows the breakers that keep runs away from failing connections, and closes one for a person who knows better.
import type { Breaker } from "../../../api/orchestrator.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { suggest } from "../../../core/errors/suggest.ts";
import { closedCircuit } from "../../../core/recovery/circuit-breaker.ts";
import type { BreakerRecord } from "../../../store/upkeep/upkeep-store.ts";
import type { CallInput, Handlers } from "../../handler.ts";
import type { ServerServices } from "../../server-services.ts";
import { listConnections, toBreaker } from "./list-connections.ts";

export function createBreakerHandlers(services: ServerServices): Handlers<"listBreakers" | "resetBreaker"> {
  return {
    listBreakers: async () => ({ items: (await services.store.listBreakers()).map(toBreaker) }),
    resetBreaker: (input) => resetBreaker(services, input),
  };
}

async function resetBreaker(
  services: ServerServices,
  { params: { connection }, body: { version } }: CallInput<"resetBreaker">,
): Promise<Breaker> {
  const { store } = services;
  const found = await store.findBreaker(connection);
  if (found === undefined) await assertConnection(services, connection);
  const seen = found?.version ?? 0;
  if (version !== undefined && version !== seen) throw breakerMoved(connection, seen, version);
  const closed: BreakerRecord = { ...closedCircuit, name: connection, version: seen };
  if (found === undefined) return toBreaker(closed);
  if (!(await store.saveBreaker(closed))) throw breakerMoved(connection, seen + 1, seen);
  return toBreaker({ ...closed, version: seen + 1 });
}

async function assertConnection(services: ServerServices, connection: string): Promise<void> {
  const known = (await listConnections(services)).map((item) => item.connection);
  if (known.includes(connection)) return;
  const message = `unknown connection \`${connection}\`${suggest(connection, known)}`;
  throw new MillraceError("THING_UNKNOWN", message, { hint: "jobs name theirs in `connections`" });
}

function breakerMoved(connection: string, version: number, seen: number): MillraceError {
  const message = `breaker of connection \`${connection}\` is at version \`${version}\`, and the change was made for: \`${seen}\``;
  return new MillraceError("VERSION_CONFLICT", message, { hint: "look at it again and decide anew" });
}
