// The sockets of one connection. Each has its own agent, because a request without one may be sent by the client that Node
// bundles, whose behaviour differs, and because a client certificate belongs to one origin only.
import type { TlsOptions } from "../../core/connection/transport-options.ts";
import type { Resolved } from "../../core/connection/secret.ts";
import type { ExchangeTape } from "./exchange-tape.ts";
import { Agent, type Dispatcher, ProxyAgent } from "undici";

export interface HttpAgentOptions {
  /** The origin that `tls` is for. No other one is shown the certificate. */
  readonly origin?: string;
  readonly tls?: Resolved<TlsOptions>;
  /** Address of an HTTP proxy, which may hold user and password. All requests are tunnelled through it. */
  readonly proxy?: string;
  /** To connect, TLS included. Default 10 s. */
  readonly connectTimeoutMs?: number;
  /** Records exchanges, or answers in the place of services. */
  readonly tape?: ExchangeTape | undefined;
  /** Sockets for each origin. Default 64; the gate of a credential lets fewer requests through. */
  readonly maxSockets?: number;
}

/** Has a lifecycle: whoever creates it closes it, and requests that are under way then fail. */
export interface HttpAgent extends AsyncDisposable {
  /** What requests to an address go through. */
  dispatcherFor(url: URL): Dispatcher;
  readonly tape?: ExchangeTape | undefined;
  /** Whether all requests are tunnelled. */
  readonly isProxied: boolean;
}

/** Opens nothing before the first request. */
export function createHttpAgent(options: HttpAgentOptions = {}): HttpAgent {
  const { tls } = options;
  const own = createDispatcher(options, toConnectOptions(tls));
  const others = tls === undefined ? own : createDispatcher(options, {});
  const ownOrigin = options.origin === undefined ? undefined : new URL(options.origin).origin;
  return {
    tape: options.tape,
    isProxied: options.proxy !== undefined,
    dispatcherFor: (url) => (url.origin === ownOrigin ? own : others),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...new Set([own, others])].map((dispatcher) => dispatcher.destroy()));
    },
  };
}

function createDispatcher(
  { proxy, connectTimeoutMs = 10_000, maxSockets = 64 }: HttpAgentOptions,
  secured: Readonly<Record<string, string>>,
): Dispatcher {
  const timeout = { timeout: connectTimeoutMs };
  const connect = { ...timeout, ...secured };
  return proxy === undefined
    ? new Agent({ connections: maxSockets, connect })
    : new ProxyAgent({ connections: maxSockets, uri: proxy, requestTls: connect, proxyTls: timeout });
}

function toConnectOptions({ certificate, key, passphrase, authorities }: Resolved<TlsOptions> = {}): Readonly<
  Record<string, string>
> {
  return {
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(authorities === undefined ? {} : { ca: authorities }),
  };
}
