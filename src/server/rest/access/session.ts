// Sessions of browsers and tickets of WebSockets.
import type { Session } from "../../../api/session.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { Authenticator, Identity } from "../../access/authenticator.ts";
import { unauthenticated } from "../../access/guard.ts";
import type { CallContext, Handlers } from "../../handler.ts";
import { localCaller, type LocalToken } from "../../access/local-token.ts";
import type { LoginLimiter } from "../../access/login-limiter.ts";
import type { ServerServices } from "../../server-services.ts";
import { clearSessionCookie, readSessionCookie, setSessionCookie } from "../../access/session-cookie.ts";
import type { Sessions } from "../../access/sessions.ts";
import { toInstant, toInstantOrNull } from "../../views/to-instant.ts";

type SessionRoutes = "createSession" | "showSession" | "endSession" | "createTicket";

export interface SessionHandlerOptions {
  readonly services: ServerServices;
  readonly authenticator: Authenticator;
  readonly sessions: Sessions;
  readonly tickets: Sessions;
  readonly limiter: LoginLimiter;
  readonly localToken: LocalToken | undefined;
  /** Milliseconds since the Unix epoch, by this process. */
  readonly now: () => number;
}

export function createSessionHandlers(options: SessionHandlerOptions): Handlers<SessionRoutes> {
  const { services, sessions, tickets, now } = options;
  return {
    async createSession({ body: { token } }, context) {
      const { request, reply } = exchangeOf(context);
      const identity = await identify(options, request.ip, token);
      // The record of this call names who opened the session.
      request.identity = identity;
      request.caller = identity.caller;
      const session = sessions.open(identity);
      setSessionCookie(reply, session, now());
      return describe(services, { ...identity, expiresAtMs: session.expiresAtMs });
    },

    async showSession(_, context) {
      return describe(services, identityOf(context));
    },

    async endSession(_, context) {
      const { request, reply } = exchangeOf(context);
      const cookie = readSessionCookie(request);
      if (cookie !== undefined) sessions.close(cookie);
      clearSessionCookie(reply);
      return null;
    },

    async createTicket(_, context) {
      const { text, expiresAtMs } = tickets.open(identityOf(context));
      return { ticket: text, expires_at: toInstant(expiresAtMs) };
    },
  };
}

async function identify(
  { authenticator, limiter, localToken }: SessionHandlerOptions,
  address: string,
  token: string,
): Promise<Identity> {
  limiter.assertAllowed(address);
  if (localToken?.use(token) === true) return { caller: localCaller, expiresAtMs: undefined };
  const identity = await authenticator.authenticate(token);
  if (identity !== undefined) return identity;
  limiter.countFailure(address);
  throw unauthenticated();
}

async function describe(
  { store, version, project }: ServerServices,
  { caller, expiresAtMs }: Identity,
): Promise<Session> {
  return {
    name: caller.name,
    role: caller.role,
    expires_at: toInstantOrNull(expiresAtMs),
    server: {
      version,
      project: project.name,
      environment: project.environment ?? null,
      production: project.isProduction,
      store: store.dialect,
      now: toInstant(await store.readClockMs()),
    },
  };
}

function exchangeOf({ exchange }: CallContext): NonNullable<CallContext["exchange"]> {
  if (exchange !== undefined) return exchange;
  throw new MillraceError("INTERNAL", "sessions are kept over HTTP alone");
}

function identityOf(context: CallContext): Identity {
  return exchangeOf(context).request.identity ?? { caller: context.caller, expiresAtMs: undefined };
}
