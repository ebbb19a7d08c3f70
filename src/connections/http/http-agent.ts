// The sockets of one connection. Each has its own agent, because a request without one may be sent by the client that Node
// bundles, whose behaviour differs, and because a client certificate belongs to one origin only.
import type { TlsOptions } from "../../core/connection/connection-options.ts";
import type { Resolved } from "../../core/connection/secret.ts";
import { Agent, type Dispatcher, Pool, ProxyAgent } from "undici";

export interface HttpAgentOptions {
  /** The origin that `tls` is for. No other one is shown the certificate. */
  readonly origin?: string;
  readonly tls?: Resolved<TlsOptions>;
  /** Address of an HTTP proxy, which may hold user and password. All requests are tunnelled through it. */
  readonly proxy?: string;
  /** To connect, TLS included. Default 10 s. */
  readonly connectTimeoutMs?: number;
  /** Sockets for each origin. Default 64; the gate of a credential lets fewer requests through. */
  readonly maxSockets?: number;
}

/** Has a lifecycle: whoever creates it closes it, and requests that are under way then fail. */
export interface HttpAgent extends AsyncDisposable {
  readonly dispatcher: Dispatcher;
}

/** Opens nothing before the first request. */
export function createHttpAgent(options: HttpAgentOptions = {}): HttpAgent {
  const dispatcher = createDispatcher(options);
  return { dispatcher, [Symbol.asyncDispose]: () => dispatcher.destroy() };
}

function createDispatcher({
  origin,
  tls,
  proxy,
  connectTimeoutMs = 10_000,
  maxSockets = 64,
}: HttpAgentOptions): Dispatcher {
  const timeouts = { timeout: connectTimeoutMs };
  const secured = { ...timeouts, ...toConnectOptions(tls) };
  const pool = { connections: maxSockets };
  if (proxy !== undefined) return new ProxyAgent({ ...pool, uri: proxy, requestTls: secured, proxyTls: timeouts });
  const ownOrigin = origin === undefined ? undefined : new URL(origin).origin;
  return new Agent({
    ...pool,
    factory: (target) =>
      new Pool(target, { ...pool, connect: new URL(target).origin === ownOrigin ? secured : timeouts }),
  });
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
