// Shows and changes what runs share: limits with the runs that hold them, connections, and the breakers that keep runs
// away from failing ones.
import type { Breaker, Connection, Limit } from "../../api/orchestrator.ts";
import { closedCircuit } from "../../core/recovery/circuit-breaker.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { formatRunId } from "../../core/run-id.ts";
import { suggest } from "../../core/errors/suggest.ts";
import type { LimitState } from "../../store/control/control-store.ts";
import type { BreakerRecord } from "../../store/upkeep/upkeep-store.ts";
import type { CallInput, Handlers } from "../handler.ts";
import type { ServerServices } from "../server-services.ts";
import { toInstantOrNull } from "../views/to-instant.ts";

const maxHolders = 20;

export function createLimitHandlers(
  services: ServerServices,
): Handlers<"listLimits" | "putLimits" | "listConnections" | "listBreakers" | "resetBreaker"> {
  const { store } = services;
  const listLimits = async (): Promise<{ items: readonly Limit[] }> => ({
    items: (await store.listLimits()).map(toLimit),
  });
  return {
    listLimits,
    async putLimits({ body: { limits } }) {
      await store.setLimits(
        limits.map(({ gate, capacity, seen_capacity: seen }) => ({
          gate,
          capacity: capacity ?? undefined,
          ...(seen === undefined ? {} : { seenCapacity: seen }),
        })),
      );
      return await listLimits();
    },
    listConnections: async () => ({ items: await listConnections(services) }),
    listBreakers: async () => ({ items: (await store.listBreakers()).map(toBreaker) }),
    resetBreaker: (input) => resetBreaker(services, input),
  };
}

async function listConnections({ store, definitions }: ServerServices): Promise<readonly Connection[]> {
  const users = listUsers(definitions().jobs.values());
  const [breakers, limits] = await Promise.all([store.listBreakers(), store.listLimits()]);
  const breakerOf = new Map(breakers.map((breaker) => [breaker.name, breaker]));
  const limitOf = new Map(limits.map((limit) => [limit.gate, limit]));
  const limited = limits.flatMap(({ gate }) => (gate.startsWith(prefix) ? [gate.slice(prefix.length)] : []));
  const names = [...new Set([...users.keys(), ...breakerOf.keys(), ...limited])].toSorted();
  const holders = await store.listHolders(
    names.map((name) => prefix + name),
    maxHolders,
  );
  return names.map((name) => {
    const breaker = breakerOf.get(name);
    const limit = limitOf.get(prefix + name);
    return {
      connection: name,
      job_names: users.get(name) ?? [],
      breaker: breaker === undefined ? null : toBreaker(breaker),
      capacity: limit?.capacity ?? null,
      held: limit?.held ?? 0,
      blocked_until: toInstantOrNull(limit?.blockedUntilMs),
      holders: (holders.get(prefix + name) ?? []).map(formatRunId),
    };
  });
}

const prefix = "connection:";

function listUsers(
  jobs: Iterable<{ readonly name: string; readonly connections: readonly string[] }>,
): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const { name, connections } of jobs) {
    for (const connection of connections) users.set(connection, [...(users.get(connection) ?? []), name]);
  }
  return users;
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

function toLimit({ gate, capacity, held, blockedUntilMs }: LimitState): Limit {
  return { gate, capacity: capacity ?? null, held, blocked_until: toInstantOrNull(blockedUntilMs) };
}

function toBreaker({ name, state, failures, openedAtMs, probeAtMs, lastError, version }: BreakerRecord): Breaker {
  return {
    connection: name,
    state,
    failures,
    opened_at: toInstantOrNull(openedAtMs),
    next_probe_at: toInstantOrNull(probeAtMs),
    last_error: lastError ?? null,
    version,
  };
}
