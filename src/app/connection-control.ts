// What people do with connections: look at them, try one, register one. Secrets go in and never come out.
import type { SecretSeal } from "../connections/auth/seal.ts";
import { openRegistered, sealRegistered } from "../connections/registry/connections.ts";
import type { Environment } from "../config.ts";
import type { Clock } from "../core/clock.ts";
import { assertConnections } from "../core/connection/assert-connections.ts";
import type { ConnectionOptions } from "../core/connection/connection-options.ts";
import { connectionSpec } from "../core/connection/connection-spec.ts";
import { parseDuration } from "../core/duration.ts";
import { MillraceError } from "../core/errors/errors.ts";
import { parseOptions } from "../core/spec/parse-options.ts";
import type { Project } from "../project/project.ts";
import type { Store } from "../store/store.ts";
import { BreakerBoard } from "../orchestrator/upkeep/breaker-board.ts";
import type { ConnectionTrial, KnownConnection, TrialRequest } from "../server/connection-desk.ts";
import { openConnections, openSeal } from "./open-connections.ts";

export interface ConnectionControlOptions {
  readonly project: Project;
  readonly environment: Environment;
  readonly store: Store;
  readonly clock: Clock;
}

/** Those that are declared and those that are registered, by name. */
export async function listConnections({
  project,
  environment,
  store,
}: ConnectionControlOptions): Promise<KnownConnection[]> {
  const declared = Object.entries(project.settings.connections).map(([name, options]) => {
    return { ...describe(name, options), source: "configuration" as const };
  });
  const seal = openSeal(project.root, environment);
  const registered = (await store.listConnections()).map(({ name, address, auth, sealed }) => {
    return { ...describeSealed(name, sealed, seal), name, address, auth, source: "store" as const };
  });
  return [...declared, ...registered].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function describe(name: string, { http }: ConnectionOptions): Omit<KnownConnection, "source"> {
  const { requests } = http.limits ?? {};
  return {
    name,
    kind: "http",
    address: http.baseUrl,
    auth: kindOf(http),
    ...(requests === undefined
      ? {}
      : { requests: { limit: requests.count, windowMs: parseDuration(requests.per, "per") } }),
  };
}

// A process with another key still tells all that is not sealed.
function describeSealed(name: string, sealed: string, seal: SecretSeal): Pick<KnownConnection, "kind" | "requests"> {
  try {
    return describe(name, openRegistered(name, sealed, seal));
  } catch (error) {
    if (error instanceof MillraceError && error.code === "SECRET_UNREADABLE") return { kind: "http" };
    throw error;
  }
}

/** Enough for what a person tries. */
const trialLimits = { maxBytes: 64 * 1024 ** 2 } as const;
const trialTimeouts = { totalMs: 60_000 } as const;

/**
 * Sends one GET as a job would, whatever status comes. A good answer closes the breaker.
 */
export async function tryConnection(
  options: ConnectionControlOptions,
  name: string,
  { url, fresh }: TrialRequest,
): Promise<ConnectionTrial> {
  // Nothing that is shown is made of what a service answers or of what is under a seal.
  await using connections = openConnections({ ...options, onSecret: () => undefined });
  const connection = await connections.get(name);
  if (fresh) await connection.forgetAnswers();
  const request = { method: "GET", url, limits: trialLimits, timeouts: trialTimeouts } as const;
  const response = await connection.send(request, { isUncached: true });
  // Only a body that was read to its end shows that the connection works.
  for await (const _ of response.body);
  const { bodyBytes, durationMs } = response.traffic();
  if (response.status < 400) await closeBreaker(options, name);
  return { status: response.status, address: response.address, bytes: bodyBytes, durationMs: Math.round(durationMs) };
}

// What was refused, or failed, may be right again with other settings or as the trial has shown.
async function closeBreaker({ store, clock }: ConnectionControlOptions, name: string): Promise<void> {
  await new BreakerBoard({ store, clock, onError: () => undefined }).reset(name);
}

/**
 * Registers a connection for all workers of the store.
 * @param declared as under `connections.<name>` of the configuration
 * @returns its version @throws MillraceError `CONFIG_INVALID` without a word of what is under it, `CONNECTION_TAKEN`
 */
export async function addConnection(
  options: ConnectionControlOptions,
  name: string,
  declared: unknown,
  { by, replace }: { readonly by: string; readonly replace: boolean },
): Promise<number> {
  const { project, environment, store } = options;
  const where = "the connection";
  const connection = parseOptions(connectionSpec, declared, where, "CONFIG_INVALID");
  assertConnections(where, { [name]: connection });
  const isDeclared = Object.hasOwn(project.settings.connections, name);
  const sealed = sealRegistered(name, connection, openSeal(project.root, environment));
  const { baseUrl: address } = connection.http;
  const save = { name, sealed, address, auth: kindOf(connection.http), by, replace };
  const version = isDeclared ? undefined : await store.saveConnection(save);
  if (version === undefined) throw nameTaken(name, isDeclared);
  await closeBreaker(options, name);
  return version;
}

function nameTaken(name: string, isDeclared: boolean): MillraceError {
  const taken = isDeclared ? "the configuration declares it" : "somebody registered it";
  return new MillraceError("CONNECTION_TAKEN", `expected a name that is free, got: \`${name}\`; ${taken}`, {
    hint: isDeclared ? "change it in millrace.config.ts" : "`--replace` registers it anew",
  });
}

function kindOf({ auth = {} }: ConnectionOptions["http"]): string | undefined {
  return Object.keys(auth)[0];
}
