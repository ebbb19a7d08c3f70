// What people do with connections: look at them, try one, register one. Secrets go in and never come out.
import { sealRegistered } from "../connections/registry/connections.ts";
import type { Environment } from "../config.ts";
import type { Clock } from "../core/clock.ts";
import { assertConnections } from "../core/connection/assert-connections.ts";
import type { ConnectionOptions } from "../core/connection/connection-options.ts";
import { connectionSpec } from "../core/connection/connection-spec.ts";
import { MillraceError } from "../core/errors/errors.ts";
import { parseOptions } from "../core/spec/parse-options.ts";
import type { Project } from "../project/project.ts";
import type { Store } from "../store/store.ts";
import { openConnections } from "./open-connections.ts";
import { openSeal } from "./open-seal.ts";

export interface ConnectionSummary {
  readonly name: string;
  readonly address: string;
  /** Kind of auth. */
  readonly auth: string | undefined;
  readonly from: "configuration" | "store";
  /** How long the service may not be asked; 0 when it may. */
  readonly blockedMs: number;
  readonly breaker: "closed" | "open" | "half_open";
}

export interface ConnectionTrial {
  readonly status: number;
  readonly address: string;
  readonly bytes: number;
  readonly durationMs: number;
}

export interface ConnectionControlOptions {
  readonly project: Project;
  readonly environment: Environment;
  readonly store: Store;
  readonly clock: Clock;
  /** Told each secret, so that it is masked in what is printed. */
  readonly onSecret: (secret: string) => void;
}

/** By name. */
export async function listConnections({ project, store }: ConnectionControlOptions): Promise<ConnectionSummary[]> {
  const declared = Object.entries(project.settings.connections).map(([name, { http }]) => {
    return { name, address: http.baseUrl, auth: kindOf(http), from: "configuration" as const };
  });
  const registered = (await store.listConnections()).map(({ name, address, auth }) => {
    return { name, address, auth, from: "store" as const };
  });
  const all = [...declared, ...registered].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return await Promise.all(
    all.map(async (connection) => ({
      ...connection,
      blockedMs: await store.readQuotaBlock(connection.name),
      breaker: (await store.findBreaker(connection.name))?.state ?? "closed",
    })),
  );
}

/** Sends one request as a job would, whatever status comes. @param url relative to the address of the connection */
export async function tryConnection(
  options: ConnectionControlOptions,
  name: string,
  url: string,
): Promise<ConnectionTrial> {
  await using connections = openConnections(options);
  const connection = await connections.get(name);
  const response = await connection.send({ method: "GET", url });
  // Only a body that was read to its end shows that the connection works.
  for await (const _ of response.body);
  const { bodyBytes, durationMs } = response.traffic();
  return { status: response.status, address: response.address, bytes: bodyBytes, durationMs: Math.round(durationMs) };
}

/**
 * Registers a connection for all workers of the store.
 * @param json as under `connections.<name>` of the configuration
 * @returns its version @throws MillraceError `CONFIG_INVALID` without a word of what is under it, `CONNECTION_TAKEN`
 */
export async function addConnection(
  { project, environment, store }: ConnectionControlOptions,
  name: string,
  json: string,
  { by, replace }: { readonly by: string; readonly replace: boolean },
): Promise<number> {
  const where = "the connection";
  const connection = parseOptions(connectionSpec, parseJson(json), where, "CONFIG_INVALID");
  assertConnections(where, { [name]: connection });
  const isDeclared = Object.hasOwn(project.settings.connections, name);
  const sealed = sealRegistered(name, connection, openSeal(project.root, environment));
  const { baseUrl: address } = connection.http;
  const save = { name, sealed, address, auth: kindOf(connection.http), by, replace };
  const version = isDeclared ? undefined : await store.saveConnection(save);
  if (version !== undefined) return version;
  const taken = isDeclared ? "the configuration declares it" : "somebody registered it";
  throw new MillraceError("CONNECTION_TAKEN", `expected a name that is free, got: \`${name}\`; ${taken}`, {
    hint: isDeclared ? "change it in millrace.config.ts" : "`--replace` registers it anew",
  });
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    throw new MillraceError("CONFIG_INVALID", "expected the connection to be JSON", {
      hint: '{ "http": { "baseUrl": "https://…", "auth": { "bearer": { "env": "TOKEN" } } } }',
    });
  }
}

function kindOf({ auth = {} }: ConnectionOptions["http"]): string | undefined {
  return Object.keys(auth)[0];
}
