// The one way to a server, for browsers and Node: each operation of the route table with its params, query and body, and the
// stream of events. What it throws is a `MillraceError` or the reason of the caller's own signal, and nothing else.
import type { Contract } from "../api/contract.ts";
import { eventsPath, type RouteName, routes } from "../api/routes.ts";
import { type Duration, formatDuration, parseDuration } from "../core/duration.ts";
import { MillraceError } from "../core/errors/errors.ts";
import { connectEventStream, type EventStream, type EventStreamOptions } from "./event-stream.ts";
import { refusalOf, toRefusalError } from "./refusal.ts";
import { withDeadline } from "./with-deadline.ts";

export interface ClientOptions {
  /** Address of the server, such as `http://127.0.0.1:4680`. Default, in a browser: where the page comes from. */
  readonly url?: string;
  /** Made by `millrace token create`. Default: none; a session cookie or the address speaks for the caller. */
  readonly token?: string;
  /** Longest time from a call to the end of its answer. Default `30s`. */
  readonly timeout?: Duration;
}

/** What an operation takes: of `params`, `query` and `body` those that its contract has, and a signal. */
export type CallInput<Name extends RouteName> = Pick<Contract[Name], Extract<keyof Contract[Name], "params" | "body">> &
  Partial<Pick<Contract[Name], Extract<keyof Contract[Name], "query">>> & { readonly signal?: AbortSignal };

export type ResponseOf<Name extends RouteName> = Contract[Name]["response"];

/** Operations that need nothing to be called. */
export type PlainRouteName = {
  [Name in RouteName]: Record<never, never> extends CallInput<Name> ? Name : never;
}[RouteName];

/** Which events to follow, and who hears of them. */
export type FollowOptions = Omit<EventStreamOptions, "url" | "ticket">;

/**
 * Calls an operation by its id. @throws MillraceError with the server's code (`refusalOf` has the rest of what it said), or
 * `SERVER_UNREACHABLE`; the reason of `signal` when that aborts
 */
export interface ClientCall {
  <Name extends RouteName>(name: Name, input: CallInput<Name>): Promise<ResponseOf<Name>>;
  <Name extends PlainRouteName>(name: Name): Promise<ResponseOf<Name>>;
}

/** A server as functions. It holds nothing open between two calls. */
export interface MillraceClient {
  /** Origin of the server, `""` for that of the page. */
  readonly url: string;
  readonly call: ClientCall;
  /** Follows what happens, across breaks of the connection, until it is closed or `signal` aborts. */
  readonly events: (options: FollowOptions) => EventStream;
}

/** Connects at the first call. @throws MillraceError `VALUE_INVALID` for an address or a timeout that is none */
export function createClient({ url, token, timeout = "30s" }: ClientOptions = {}): MillraceClient {
  const origin = url === undefined ? "" : parseOrigin(url);
  const timeoutMs = parseDuration(timeout, "timeout");
  const headers = { accept: "application/json", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  const call = async <Name extends RouteName>(
    name: Name,
    { signal, ...input }: LooseInput = {},
  ): Promise<ResponseOf<Name>> => {
    const request = toRequest(name, headers, input);
    // The server checks its answers against the contract.
    return (await withDeadline({ timeoutMs, signal }, (deadline) =>
      exchange(origin, toPath(name, input.params, input.query), { ...request, signal: deadline }),
    ).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw toUnreachable(error, origin, timeoutMs);
    })) as ResponseOf<Name>;
  };
  return {
    url: origin,
    call,
    events: (options) =>
      connectEventStream({
        ...options,
        url: `${origin}${eventsPath}`,
        ...(token === undefined ? {} : { ticket: () => fetchTicket(call) }),
      }),
  };
}

/** Path and query of an operation, such as for a link that downloads. Parts of the query that are empty are left out. */
export function toPath(name: RouteName, params: Readonly<Record<string, string>> = {}, query: object = {}): string {
  const path = routes[name].path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(params[key] ?? ""));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") search.set(key, String(value));
  }
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}

interface LooseInput {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: object;
  readonly body?: object;
  readonly signal?: AbortSignal;
}

function toRequest(name: RouteName, headers: Readonly<Record<string, string>>, { body }: LooseInput): RequestInit {
  const { method } = routes[name];
  if (body === undefined) return { method, headers };
  return { method, headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) };
}

async function exchange(origin: string, path: string, request: RequestInit): Promise<unknown> {
  const response = await fetch(`${origin}${path}`, request);
  if (!response.ok) throw await toRefusalError(response);
  if (response.status === 204) return null;
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  return isJson ? await response.json() : await response.text();
}

function toUnreachable(error: unknown, origin: string, timeoutMs: number): unknown {
  if (refusalOf(error) !== undefined) return error;
  const isLate = error instanceof DOMException && error.name === "TimeoutError";
  const within = isLate ? ` within ${formatDuration(timeoutMs)}` : "";
  return new MillraceError("SERVER_UNREACHABLE", `no answer from ${origin || "the server"}${within}`, {
    cause: error,
    hint: "is `millrace server` or `millrace dev` running there, and is that its address?",
  });
}

// A token that is refused will be refused again, so the stream ends; any other trouble counts as a lost connection.
async function fetchTicket(call: (name: "createTicket") => Promise<{ readonly ticket: string }>) {
  try {
    return (await call("createTicket")).ticket;
  } catch (error) {
    const status = refusalOf(error)?.status;
    if (status === 401 || status === 403) return undefined;
    throw error;
  }
}

function parseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === "" && url.pathname === "/")
    return url.origin;
  throw new MillraceError("VALUE_INVALID", `expected the address of a server, got: \`${text}\``, {
    hint: "for example `http://127.0.0.1:4680`; the token is given beside it",
  });
}
