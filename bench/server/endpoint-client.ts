// One caller of a server, as a browser is: a connection that stays open, a token, answers read to their end.
import { Agent, get, type IncomingMessage } from "node:http";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { routes } from "../../src/api/routes.ts";
import type { EndpointCase } from "./endpoint-case.ts";

export interface EndpointClient extends Disposable {
  /** @throws Error for a refusal, and for an answer with nothing in it where something is expected */
  call(endpoint: EndpointCase, turn: number): Promise<void>;
  /** A path that costs the server nothing. */
  ping(): Promise<void>;
}

export function createEndpointClient({ url, token }: EndpointServer): EndpointClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async (path: string): Promise<string> => {
    const request = get(url + path, { agent, headers: { authorization: `Bearer ${token}` } });
    const [answer] = (await once(request, "response")) as [IncomingMessage];
    const body = await text(answer);
    if (answer.statusCode === 200) return body;
    throw new Error(`GET ${path} answered ${answer.statusCode}: ${body.slice(0, 500)}`);
  };
  return {
    async call(endpoint, turn) {
      const path = toPath(endpoint, turn);
      const body = await ask(path);
      if (!body.startsWith('{"items":[')) return;
      const hasItems = !body.startsWith('{"items":[]');
      // A page may be empty where more has to be looked through.
      const isRight = endpoint.findsNothing === true ? !hasItems : hasItems || body.includes('"next_cursor":"');
      if (!isRight) throw new Error(`GET ${path} answered ${body.slice(0, 200)}`);
    },
    ping: async () => void (await ask("/healthz")),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

export interface EndpointServer {
  readonly url: string;
  readonly token: string;
}

function toPath({ route, params = {}, query = () => ({}) }: EndpointCase, turn: number): string {
  const path = routes[route].path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const search = new URLSearchParams(
    Object.entries(query(turn)).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}
