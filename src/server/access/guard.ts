// Decides who may do what: the one way to a handler, for HTTP and WebSockets. First the host of each request is checked, then the caller,
// the page that the request comes from, and the caller's role. Whatever is not allowed expressly is refused.
import type { FastifyRequest } from "fastify";
import { type Role, roles } from "../../api/role.ts";
import type { Permission } from "../../api/routes.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { Authenticator, Identity } from "./authenticator.ts";
import type { Caller } from "../handler.ts";
import { HttpProblem } from "../problem-details.ts";
import { localCaller } from "./local-token.ts";
import type { LoginLimiter } from "./login-limiter.ts";
import type { Sessions } from "./sessions.ts";
import { readSessionCookie } from "./session-cookie.ts";
import type { TrustedHosts } from "./trusted-hosts.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Set by the guard; undefined on public routes. */
    identity: Identity | undefined;
    /** Set by the guard, the same caller as in `identity`. */
    caller: Caller | undefined;
  }
}

export interface GuardOptions {
  readonly authenticator: Authenticator;
  readonly sessions: Sessions;
  readonly tickets: Sessions;
  readonly limiter: LoginLimiter;
  readonly hosts: TrustedHosts;
  /** Everybody is the local admin; only on loopback. */
  readonly isOpen: boolean;
}

export interface GuardedUse {
  readonly permission: Permission;
  /** Whether the call changes anything, so that the page that sends it matters; true for WebSockets. */
  readonly changes: boolean;
  /** Whether a ticket opens it. */
  readonly takesTicket?: boolean;
}

/** The role and what it may: `viewer` < `operator` < `editor` < `admin`. */
export function isAllowed(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}

export class Guard {
  readonly #options: GuardOptions;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /**
   * Lets the request through or throws; sets `request.caller`.
   * @throws MillraceError `UNAUTHENTICATED` | `FORBIDDEN` | `TOO_MANY_REQUESTS` | HttpProblem for a host that is not ours
   */
  async admit(request: FastifyRequest, use: GuardedUse): Promise<void> {
    this.assertHost(request);
    const identity = use.permission === "public" ? undefined : await this.#identify(request, use);
    // Before the origin, so that a refused call is recorded with its caller.
    request.identity = identity;
    request.caller = identity?.caller;
    if (use.changes) this.#assertOrigin(request);
    if (use.permission === "public") return;
    if (identity === undefined) throw unauthenticated();
    assertRole(identity.caller, use.permission);
  }

  /** For all that is served, files and unknown paths, too. */
  assertHost({ headers, raw }: FastifyRequest): void {
    // Node keeps the first of several; a proxy before it may have gone by another one (RFC 9112, section 3.2).
    const names = raw.rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === "host");
    if (names.length > 1) throw new HttpProblem(400, "REQUEST_INVALID", "expected one `Host` header, got: several");
    if (this.#options.hosts.isTrustedHost(headers.host)) return;
    throw new HttpProblem(
      421,
      "FORBIDDEN",
      "this server does not answer to the name in `Host`",
      "ask it by its address, or add the name to its allowed hosts",
    );
  }

  async #identify(request: FastifyRequest, { takesTicket = false }: GuardedUse): Promise<Identity | undefined> {
    const { isOpen, sessions, tickets } = this.#options;
    if (isOpen) return { caller: localCaller, expiresAtMs: undefined };
    const bearer = readBearer(request.headers.authorization);
    if (bearer !== undefined) return this.#checkToken(request, bearer);
    const ticket = takesTicket ? readTicket(request) : undefined;
    // A socket lives on when its ticket would have ended.
    if (ticket !== undefined) return this.#stillGood(tickets.find(ticket)?.identity);
    const cookie = readSessionCookie(request);
    const session = cookie === undefined ? undefined : sessions.find(cookie);
    return this.#stillGood(session && { ...session.identity, expiresAtMs: session.endsAtMs });
  }

  async #checkToken(request: FastifyRequest, text: string): Promise<Identity | undefined> {
    const { authenticator, limiter } = this.#options;
    if (!authenticator.remembers(text)) limiter.assertAllowed(request.ip);
    const identity = await authenticator.authenticate(text);
    if (identity === undefined) limiter.countFailure(request.ip);
    return identity;
  }

  // What was opened with a token ends with it.
  async #stillGood(opened: Identity | undefined): Promise<Identity | undefined> {
    if (opened === undefined) return undefined;
    if (opened.caller.tokenId === localCaller.tokenId) return opened;
    const token = await this.#options.authenticator.find(opened.caller.tokenId);
    return token === undefined ? undefined : { caller: token.caller, expiresAtMs: opened.expiresAtMs };
  }

  // Pages send `Origin` with every change and every WebSocket; other programs send none, and have no cookies of a browser.
  #assertOrigin({ headers }: FastifyRequest): void {
    const { origin, host, cookie, authorization } = headers;
    const site = headers["sec-fetch-site"];
    if (origin !== undefined && this.#options.hosts.isTrustedOrigin(origin, host)) return;
    const isProgram = origin === undefined && (site === undefined || site === "same-origin" || site === "none");
    if (isProgram && (authorization !== undefined || cookie === undefined || site !== undefined)) return;
    throw new MillraceError("FORBIDDEN", "the call comes from a page of another origin", {
      hint: "programs send a bearer token and no `Origin`",
    });
  }
}

/** @throws MillraceError `FORBIDDEN` */
export function assertRole(caller: Caller, needed: Role, what = "this"): void {
  if (isAllowed(caller.role, needed)) return;
  throw new MillraceError("FORBIDDEN", `${what} needs the role \`${needed}\`, the caller has \`${caller.role}\``, {
    hint: "an admin makes tokens with `millrace token create`",
  });
}

export function unauthenticated(): MillraceError {
  return new MillraceError("UNAUTHENTICATED", "expected a valid token", {
    hint: "send `Authorization: Bearer <token>`, or open a session with `POST /api/v1/session`",
  });
}

function readBearer(header: string | undefined): string | undefined {
  return header === undefined ? undefined : (/^bearer +(.{0,300})$/i.exec(header)?.[1]?.trim() ?? "");
}

function readTicket({ query }: FastifyRequest): string | undefined {
  const ticket = (Object(query) as { readonly ticket?: unknown }).ticket;
  return typeof ticket === "string" ? ticket : undefined;
}
