// The server of an open project: everything that stands between a socket and the handlers, put together, listening and, when
// told to stop, finishing what it has begun.
import type { FastifyInstance } from "fastify";
import type { DestinationStream } from "pino";
import { schemas } from "../../api/schemas.ts";
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { createSecretRedactor, type SecretRedactor } from "../../core/errors/secret-redactor.ts";
import { AuditLog } from "../access/audit-log.ts";
import { Authenticator } from "../access/authenticator.ts";
import { createHandlers } from "./create-handlers.ts";
import { Guard } from "../access/guard.ts";
import { createLocalToken, localCaller, type LocalToken } from "../access/local-token.ts";
import { LoginLimiter } from "../access/login-limiter.ts";
import type { AnyHandler } from "./register-routes.ts";
import { createPastOfJobs } from "../views/past-of-jobs.ts";
import { createSessionHandlers } from "../rest/access/session.ts";
import { createServer, defaultLimits, type ServerLimits } from "./server.ts";
import { createServerLogger, type LogLevelName } from "./server-logger.ts";
import { ServerMetrics } from "./server-metrics.ts";
import { createStreamMetrics } from "./stream-metrics.ts";
import type { ServerServices } from "../server-services.ts";
import { Sessions } from "../access/sessions.ts";
import { createTrustedHosts, isLoopback } from "../access/trusted-hosts.ts";
import { createEventHub, type EventHub } from "../ws/event-hub.ts";
import { registerEvents } from "../ws/register-events.ts";
import { createSnapshotReader } from "../ws/read-snapshot.ts";

export interface StartServerOptions {
  readonly services: ServerServices;
  readonly clock: Clock;
  /** Address to listen on; default `127.0.0.1`. Another than loopback needs tokens. */
  readonly host?: string;
  /** 0 takes a free one; `preferred` takes a free one when that is in use. */
  readonly port: number | { readonly preferred: number };
  /**
   * `token`: callers show one; while the store has no admin's, one is made that opens one session · `one-time`: such a token
   * in any case · `off`: everybody who reaches the address is admin; loopback only.
   */
  readonly auth?: "token" | "one-time" | "off";
  /** Names that the server answers to beside its addresses and `localhost`, such as `data.example.com`. */
  readonly allowedHosts?: readonly string[];
  /** Addresses of proxies whose `X-Forwarded-*` are believed. */
  readonly trustProxy?: string | readonly string[];
  /** Folder of the built UI; left out: none is served. */
  readonly uiFolder?: string;
  readonly logLevel?: LogLevelName;
  readonly logDestination?: DestinationStream;
  /** Holds what must never be shown; default one with the server's own tokens alone. */
  readonly redactor?: SecretRedactor;
  readonly limits?: Partial<ServerLimits>;
  /** How long requests may go on when the server stops; default 10 s. */
  readonly graceMs?: number;
  /** Holds every answer against its schema; for tests. */
  readonly checkAnswers?: boolean;
}

export interface RunningServer extends AsyncDisposable {
  /** `http://127.0.0.1:4680` */
  readonly url: string;
  /** Opens one session, as `<url>/#token=<token>` or `POST /api/v1/session`; undefined when there is none. */
  readonly oneTimeToken: string | undefined;
  /** Takes no more, finishes what it has, closes sockets, writes the rest of the audit. */
  close(): Promise<void>;
}

const sessionMs = 12 * 3_600_000;
const ticketMs = 30_000;

/** @throws MillraceError `SERVER_REFUSED` for an address that needs tokens without them, or that is in use */
export async function startServer(options: StartServerOptions): Promise<RunningServer> {
  const { services, clock, host = "127.0.0.1", auth = "token", redactor = createSecretRedactor() } = options;
  assertSafe(host, auth);
  const { store } = services;
  const { logLevel: level = "info", logDestination: destination } = options;
  const logger = createServerLogger({ level, redactor, ...(destination === undefined ? {} : { destination }) });
  const onError = (err: unknown): void => logger.error({ err }, "background work failed");
  const localToken = await makeLocalToken(services, auth);
  if (localToken?.text !== undefined) redactor.add(localToken.text);

  const access = createAccess(options, redactor, onError);
  const { authenticator, guard } = access;
  const handlers = createHandlers(services, (tokenId) => endToken(access, hub, tokenId));
  const hub = createEventHub({
    store,
    readSnapshot: createSnapshotReader(handlers),
    pastOf: createPastOfJobs(store, onError),
    isTokenValid: async (id) => id === localCaller.tokenId || (await authenticator.find(id)) !== undefined,
    redactor,
    onError,
  });
  const auditLog = new AuditLog({ store, clock, onError });
  const metrics = new ServerMetrics({
    store,
    clock,
    countClients: () => hub.clientCount,
    readStreams: createStreamMetrics(services),
    onError,
  });
  const fastify = await createServer({
    ...options,
    // Each is called with what the schema of its own route has checked.
    handlers: {
      ...handlers,
      ...createSessionHandlers({ services, ...access, localToken, now: () => clock.now() }),
    } as unknown as Readonly<Record<string, AnyHandler>>,
    schemas,
    guard,
    auditLog,
    metrics,
    redactor,
    logger,
    registerEvents: (instance) => registerHub(instance, hub, guard),
  });
  const url = await listen(fastify, host, options.port);
  logger.info({ url }, "listening");
  return toRunning({ url, fastify, auditLog, metrics, localToken, clock, graceMs: options.graceMs ?? defaultGraceMs });
}

const defaultGraceMs = 10_000;

function assertSafe(host: string, auth: NonNullable<StartServerOptions["auth"]>): void {
  if (auth !== "off" || isLoopback(host)) return;
  throw new MillraceError(
    "SERVER_REFUSED",
    `expected a loopback address when nobody has to show a token, got: \`${host}\``,
    {
      hint: "listen on 127.0.0.1, or turn tokens on",
    },
  );
}

async function makeLocalToken(
  { store }: ServerServices,
  auth: NonNullable<StartServerOptions["auth"]>,
): Promise<LocalToken | undefined> {
  if (auth === "off") return undefined;
  if (auth === "one-time") return createLocalToken();
  const nowMs = await store.readClockMs();
  const hasAdmin = (await store.listTokens()).some(
    ({ role, revokedAtMs, expiresAtMs = Number.POSITIVE_INFINITY }) =>
      role === "admin" && revokedAtMs === undefined && expiresAtMs > nowMs,
  );
  return hasAdmin ? undefined : createLocalToken();
}

interface Access {
  readonly authenticator: Authenticator;
  readonly sessions: Sessions;
  readonly tickets: Sessions;
  readonly limiter: LoginLimiter;
  readonly guard: Guard;
}

function createAccess(
  { services, clock, allowedHosts, auth, limits }: StartServerOptions,
  redactor: SecretRedactor,
  onError: (error: unknown) => void,
): Access {
  const onSecret = (secret: string): void => void redactor.add(secret);
  const parts = {
    authenticator: new Authenticator({ store: services.store, clock, onError, onSecret }),
    sessions: new Sessions({ clock, lifetimeMs: sessionMs }),
    tickets: new Sessions({ clock, lifetimeMs: ticketMs, once: true }),
    limiter: new LoginLimiter({
      clock,
      maxFailures: limits?.maxFailedLoginsPerMinute ?? defaultLimits.maxFailedLoginsPerMinute,
    }),
  };
  return { ...parts, guard: new Guard({ ...parts, hosts: createTrustedHosts(allowedHosts), isOpen: auth === "off" }) };
}

/** What was opened with a token ends with it. */
function endToken({ authenticator, sessions, tickets }: Access, hub: EventHub, tokenId: string): void {
  authenticator.forget(tokenId);
  sessions.dropToken(tokenId);
  tickets.dropToken(tokenId);
  hub.dropToken(tokenId);
}

async function registerHub(fastify: FastifyInstance, hub: EventHub, guard: Guard): Promise<void> {
  await registerEvents(fastify, {
    hub,
    admit: (request) => guard.admit(request, { permission: "viewer", changes: true, takesTicket: true }),
    identityOf: ({ identity }) => identity ?? { caller: nobody, expiresAtMs: 0 },
  });
}

// The guard lets nobody in without an identity; a connection without one would end at once.
const nobody = { name: "", role: "viewer", tokenId: "" } as const;

async function listen(fastify: FastifyInstance, host: string, port: StartServerOptions["port"]): Promise<string> {
  const wanted = typeof port === "number" ? port : port.preferred;
  try {
    await fastify.listen({ host, port: wanted });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "EADDRINUSE" && typeof port !== "number") return await listen(fastify, host, 0);
    await fastify.close();
    throw new MillraceError("SERVER_REFUSED", `cannot listen on \`${host}:${wanted}\``, {
      cause,
      hint: code === "EADDRINUSE" ? "something listens there already; choose another port" : "choose another address",
    });
  }
  const address = fastify.server.address();
  const actual = typeof address === "object" && address !== null ? address.port : wanted;
  return `http://${host.includes(":") ? `[${host}]` : host}:${actual}`;
}

interface RunningParts {
  readonly url: string;
  readonly fastify: FastifyInstance;
  readonly auditLog: AuditLog;
  readonly metrics: ServerMetrics;
  readonly localToken: LocalToken | undefined;
  readonly clock: Clock;
  readonly graceMs: number;
}

function toRunning(parts: RunningParts): RunningServer {
  const { url, localToken } = parts;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= stop(parts));
  return {
    url,
    get oneTimeToken() {
      return localToken?.text;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

// The store is still open: what has been answered can be recorded.
async function stop({ fastify, auditLog, metrics, clock, graceMs }: RunningParts): Promise<void> {
  const isDone = new AbortController();
  const closed = fastify.close().finally(() => isDone.abort());
  await clock.sleep(graceMs, isDone.signal);
  if (!isDone.signal.aborted) fastify.server.closeAllConnections();
  await closed;
  const lost = await auditLog.close(graceMs);
  if (lost > 0) fastify.log.error({ lost }, "changes could not be recorded before the server stopped");
  metrics.close();
}
