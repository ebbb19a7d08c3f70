// The cookie of a session: scripts cannot read it, other sites do not get it sent, and over TLS it belongs to this host alone.
import type { FastifyReply, FastifyRequest } from "fastify";
import type { OpenedSession } from "./sessions.ts";

export function readSessionCookie({ headers, protocol }: FastifyRequest): string | undefined {
  const wanted = cookieName(protocol);
  for (const pair of headers.cookie?.split(";") ?? []) {
    const [name, value] = pair.trim().split("=", 2);
    if (name === wanted && value !== undefined && /^[\w-]{20,100}$/.test(value)) return value;
  }
  return undefined;
}

export function setSessionCookie(reply: FastifyReply, { text, expiresAtMs }: OpenedSession, nowMs: number): void {
  const maxAge = Math.max(0, Math.floor((expiresAtMs - nowMs) / 1_000));
  void reply.header("set-cookie", cookieText(reply.request.protocol, text, maxAge));
}

export function clearSessionCookie(reply: FastifyReply): void {
  void reply.header("set-cookie", cookieText(reply.request.protocol, "", 0));
}

function cookieText(protocol: string, value: string, maxAge: number): string {
  const attributes = `Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAge}`;
  return `${cookieName(protocol)}=${value}; ${attributes}${protocol === "https" ? "; Secure" : ""}`;
}

// Browsers take the prefix only with `Secure`, for this host and all of its paths.
function cookieName(protocol: string): string {
  return protocol === "https" ? "__Host-millrace" : "millrace_session";
}
