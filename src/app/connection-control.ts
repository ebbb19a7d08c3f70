// What people do with connections: look at them, try one, register one. Secrets go in and never come out.
import type { FileService } from "../connections/files/file-service.ts";
import { parsePattern } from "../connections/files/path-pattern.ts";
import { HttpConnection } from "../connections/http-connection.ts";
import { sealRegistered } from "../connections/registry/connections.ts";
import type { Environment } from "../config.ts";
import type { Clock } from "../core/clock.ts";
import { assertConnections } from "../core/connection/assert-connections.ts";
import { describeConnection } from "../core/connection/describe-connection.ts";
import type { ConnectionOptions } from "../core/connection/connection-options.ts";
import type { DatabaseKind } from "../connections/database/database-address.ts";
import { describeUrl, nameConnection, parseAddress } from "../connections/database/database-address.ts";
import { lendDatabases } from "../connections/database/find-database.ts";
import { listKinds } from "../connections/registry/resolve-database.ts";
import { type Secret } from "../core/connection/secret.ts";
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
  /** Kind of auth, or of database. */
  readonly auth: string | undefined;
  readonly from: "configuration" | "store";
  /** How long the service may not be asked; 0 when it may. */
  readonly blockedMs: number;
  readonly breaker: "closed" | "open" | "half_open";
}

/** What a database said of itself. */
export interface DatabaseTrial {
  readonly kind: DatabaseKind;
  readonly address: string;
  readonly server: string;
  readonly durationMs: number;
}

export interface ConnectionTrial {
  readonly address: string;
  readonly isGood: boolean;
  /** What came, without a byte of it. */
  readonly outcome: { readonly status: number; readonly bytes: number } | { readonly files: number };
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
  const declared = Object.entries(project.settings.connections).map(([name, connection]) => {
    return { name, ...summarize(connection), from: "configuration" as const };
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

/** Whether a connection is one to a database. */
export async function isDatabase({ project, store }: ConnectionControlOptions, name: string): Promise<boolean> {
  const declared = Object.hasOwn(project.settings.connections, name) ? project.settings.connections[name] : undefined;
  if (declared !== undefined) return (declared.postgres ?? declared.mysql) !== undefined;
  const registered = (await store.listConnections()).find((connection) => connection.name === name);
  return registered?.auth === "postgres" || registered?.auth === "mysql";
}

/** Asks a database for its version, as a job would connect. */
export async function tryDatabase(options: ConnectionControlOptions, name: string): Promise<DatabaseTrial> {
  await using connections = openConnections(options);
  const { kind, url } = await connections.database(name);
  lendDatabases((connection) => connections.database(connection));
  const { askVersion } = await import("../connections/ask-version.ts");
  const startedAtMs = options.clock.now();
  const server = await askVersion(kind, nameConnection(name));
  return { kind, address: describeUrl(url), server, durationMs: Math.round(options.clock.now() - startedAtMs) };
}

/**
 * Sends one request as a job would, whatever status comes; a place of files is looked at.
 * @param url relative to the address of the connection; of a place of files a path or pattern
 */
export async function tryConnection(
  options: ConnectionControlOptions,
  name: string,
  url: string,
): Promise<ConnectionTrial> {
  await using connections = openConnections(options);
  const connection = await connections.find(name);
  if (!(connection instanceof HttpConnection)) return await tryFiles(connection, url, options.clock);
  const response = await connection.send({ method: "GET", url });
  // Only a body that was read to its end shows that the connection works.
  for await (const _ of response.body);
  const { bodyBytes: bytes, durationMs } = response.traffic();
  const { status, address } = response;
  return { address, isGood: status < 400, outcome: { status, bytes }, durationMs: Math.round(durationMs) };
}

/** More files than a person counts do not make a connection better. */
const enoughFiles = 1_000;

async function tryFiles(service: FileService, path: string, clock: Clock): Promise<ConnectionTrial> {
  const startedAtMs = clock.now();
  const isEverything = path === "" || path === "/";
  const pattern = isEverything ? (service.kind === "s3" ? "**" : "/*") : path;
  let files = 0;
  for await (const _ of service.list(parsePattern(pattern), {})) {
    files += 1;
    if (files >= enoughFiles) break;
  }
  return { address: service.place(pattern), isGood: true, outcome: { files }, durationMs: clock.now() - startedAtMs };
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
  const save = { name, sealed, ...summarize(connection), by, replace };
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

/** What may be shown of a connection. */
function summarize(connection: ConnectionOptions): Pick<ConnectionSummary, "address" | "auth"> {
  const database = connection.postgres ?? connection.mysql;
  if (database === undefined) return describeConnection(connection);
  return { address: describeSecret(database.url), auth: listKinds(connection)[0] };
}

/** An address without its password, or where it is. */
function describeSecret(url: Secret): string {
  if (typeof url !== "string") return "env" in url ? `env:${url.env}` : `file:${url.file}`;
  const address = parseAddress(url);
  return address === undefined ? "" : describeUrl(address.url);
}
