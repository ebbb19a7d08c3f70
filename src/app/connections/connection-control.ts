// What people do with connections: look at them, try one, register one. Secrets go in and never come out.
import type { SecretSeal } from "../../connections/auth/seal.ts";
import type { FileService } from "../../connections/files/file-service.ts";
import { parsePattern } from "../../connections/files/path-pattern.ts";
import { HttpConnection } from "../../connections/http-connection.ts";
import { type Connections, openRegistered, sealRegistered } from "../../connections/registry/connections.ts";
import type { OpenConnection } from "../../connections/registry/open-connection.ts";
import type { Environment } from "../../config.ts";
import type { Clock } from "../../core/clock.ts";
import { assertConnections } from "../../core/connection/assert-connections.ts";
import { describeConnection } from "../../core/connection/describe-connection.ts";
import type { ConnectionOptions } from "../../core/connection/connection-options.ts";
import { describeUrl, nameConnection, parseAddress } from "../../connections/database/database-address.ts";
import { lendDatabases } from "../../connections/database/find-database.ts";
import { listKinds } from "../../connections/registry/resolve-database.ts";
import { type Secret } from "../../core/connection/secret.ts";
import { connectionSpec } from "../../core/connection/connection-spec.ts";
import { parseDuration } from "../../core/duration.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { parseOptions } from "../../core/spec/parse-options.ts";
import type { Project } from "../../project/project.ts";
import type { Store } from "../../store/store.ts";
import { BreakerBoard } from "../../orchestrator/upkeep/breaker-board.ts";
import type { ConnectionTrial, KnownConnection, TrialRequest } from "../../server/connection-desk.ts";
import { openConnections } from "./open-connections.ts";
import { openSeal } from "./open-seal.ts";

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

function describe(name: string, connection: ConnectionOptions): Omit<KnownConnection, "source"> {
  const { http, s3, webhdfs } = connection;
  const { requests } = (http ?? s3 ?? webhdfs)?.limits ?? {};
  return {
    name,
    kind: listKinds(connection)[0] ?? "http",
    ...summarize(connection),
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
    if (error instanceof MillraceError && error.code === "SECRET_UNREADABLE") return { kind: "sealed" };
    throw error;
  }
}

/** Enough for what a person tries. */
const trialLimits = { maxBytes: 64 * 1024 ** 2 } as const;
const trialTimeouts = { totalMs: 60_000 } as const;

/**
 * Sends one GET as a job would, whatever status comes; a place of files is looked at, and a database asked for its version. A good
 * answer closes the breaker.
 * @param request whose address is relative to that of the connection; of a place of files a path or pattern
 */
export async function tryConnection(
  options: ConnectionControlOptions,
  name: string,
  request: TrialRequest,
): Promise<ConnectionTrial> {
  // Nothing that is shown is made of what a service answers or of what is under a seal.
  await using connections = openConnections({ ...options, onSecret: () => undefined });
  const trial = (await isDatabase(options, name))
    ? await tryDatabase(options, connections, name)
    : await tryService(options, await connections.find(name), request);
  if (trial.isGood) await closeBreaker(options, name);
  return trial;
}

async function tryService(
  { clock }: ConnectionControlOptions,
  connection: OpenConnection,
  { url, fresh }: TrialRequest,
): Promise<ConnectionTrial> {
  if (!(connection instanceof HttpConnection)) return await tryFiles(connection, url, clock);
  if (fresh) await connection.forgetAnswers();
  const request = { method: "GET", url, limits: trialLimits, timeouts: trialTimeouts } as const;
  const response = await connection.send(request, { isUncached: true });
  // Only a body that was read to its end shows that the connection works.
  for await (const _ of response.body);
  const { bodyBytes: bytes, durationMs } = response.traffic();
  const { status, address } = response;
  return { address, isGood: status < 400, outcome: { status, bytes }, durationMs: Math.round(durationMs) };
}

/** Whether a connection is one to a database. */
async function isDatabase({ project, store }: ConnectionControlOptions, name: string): Promise<boolean> {
  const declared = Object.hasOwn(project.settings.connections, name) ? project.settings.connections[name] : undefined;
  if (declared !== undefined) return (declared.postgres ?? declared.mysql) !== undefined;
  const registered = (await store.listConnections()).find((connection) => connection.name === name);
  return registered?.auth === "postgres" || registered?.auth === "mysql";
}

async function tryDatabase(
  { clock }: ConnectionControlOptions,
  connections: Connections,
  name: string,
): Promise<ConnectionTrial> {
  const { kind, url } = await connections.database(name);
  lendDatabases((connection) => connections.database(connection));
  const { askVersion } = await import("../../connections/ask-version.ts");
  const startedAtMs = clock.now();
  const server = await askVersion(kind, nameConnection(name));
  const durationMs = Math.round(clock.now() - startedAtMs);
  return { address: describeUrl(url), isGood: true, outcome: { server }, durationMs };
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
  const save = { name, sealed, ...summarize(connection), by, replace };
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

/** What may be shown of a connection. */
function summarize(connection: ConnectionOptions): Pick<KnownConnection, "address" | "auth"> {
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
