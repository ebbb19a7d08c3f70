// All connections side by side: those that are declared or registered, and those that jobs name or that have a limit or breaker.
import type { Breaker, Connection } from "../../../api/orchestrator.ts";
import { countReady, toQuotaPace } from "../../../core/connection/quota-window.ts";
import { formatRunId } from "../../../core/run-id.ts";
import type { CredentialRecord, QuotaRecord } from "../../../store/connections/connection-store.ts";
import type { LimitState } from "../../../store/control/control-store.ts";
import type { BreakerRecord } from "../../../store/upkeep/upkeep-store.ts";
import type { KnownConnection } from "../../connection-desk.ts";
import type { ServerServices } from "../../server-services.ts";
import { toInstant, toInstantOrNull } from "../../views/to-instant.ts";

const maxHolders = 20;
const prefix = "connection:";

/** By name. */
export async function listConnections({
  store,
  definitions,
  connections,
}: ServerServices): Promise<readonly Connection[]> {
  const users = listUsers(definitions().jobs.values());
  const [known, breakers, limits, quotas, credentials, nowMs] = await Promise.all([
    connections.list(),
    store.listBreakers(),
    store.listLimits(),
    store.listQuotas(),
    store.listCredentials(),
    store.readClockMs(),
  ]);
  const knownOf = new Map(known.map((each) => [each.name, each]));
  const breakerOf = new Map(breakers.map((breaker) => [breaker.name, breaker]));
  const limitOf = new Map(limits.map((limit) => [limit.gate, limit]));
  const quotaOf = new Map(quotas.map((quota) => [quota.name, quota]));
  const credentialOf = new Map(credentials.map((credential) => [credential.name, credential]));
  const limited = limits.flatMap(({ gate }) => (gate.startsWith(prefix) ? [gate.slice(prefix.length)] : []));
  const names = [...new Set([...knownOf.keys(), ...users.keys(), ...breakerOf.keys(), ...limited])].toSorted();
  const holders = await store.listHolders(
    names.map((name) => prefix + name),
    maxHolders,
  );
  return names.map((name) => ({
    connection: name,
    ...toDeclaration(knownOf.get(name)),
    ...toTokenView(credentialOf.get(name)),
    ...toQuotaView(knownOf.get(name), quotaOf.get(name), nowMs),
    ...toGateView(limitOf.get(prefix + name)),
    job_names: users.get(name) ?? [],
    breaker: toBreakerOrNull(breakerOf.get(name)),
    holders: (holders.get(prefix + name) ?? []).map(formatRunId),
  }));
}

function listUsers(
  jobs: Iterable<{ readonly name: string; readonly connections: readonly string[] }>,
): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const { name, connections } of jobs) {
    for (const connection of connections) users.set(connection, [...(users.get(connection) ?? []), name]);
  }
  return users;
}

function toDeclaration(known: KnownConnection | undefined): Pick<Connection, "source" | "kind" | "address" | "auth"> {
  const { source = null, kind = null, address = null, auth = null } = known ?? {};
  return { source, kind, address, auth: auth ?? null };
}

function toTokenView(credential: CredentialRecord | undefined): Pick<Connection, "token_state"> {
  return { token_state: credential === undefined ? null : { expires_at: toInstantOrNull(credential.expiresAtMs) } };
}

function toQuotaView(
  known: KnownConnection | undefined,
  quota: QuotaRecord | undefined,
  nowMs: number,
): Pick<Connection, "paused_until" | "requests"> {
  const { blockedUntilMs = 0, fullAtUs = 0 } = quota ?? {};
  const { requests } = known ?? {};
  const leadUs = Math.max(0, fullAtUs - nowMs * 1_000);
  return {
    paused_until: blockedUntilMs > nowMs ? toInstant(blockedUntilMs) : null,
    requests:
      requests === undefined
        ? null
        : { count: requests.limit, per_ms: requests.windowMs, ready: countReady(toQuotaPace(requests), leadUs) },
  };
}

function toGateView(limit: LimitState | undefined): Pick<Connection, "capacity" | "held" | "blocked_until"> {
  return {
    capacity: limit?.capacity ?? null,
    held: limit?.held ?? 0,
    blocked_until: toInstantOrNull(limit?.blockedUntilMs),
  };
}

function toBreakerOrNull(breaker: BreakerRecord | undefined): Breaker | null {
  return breaker === undefined ? null : toBreaker(breaker);
}

export function toBreaker({
  name,
  state,
  failures,
  openedAtMs,
  probeAtMs,
  lastError,
  version,
}: BreakerRecord): Breaker {
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
