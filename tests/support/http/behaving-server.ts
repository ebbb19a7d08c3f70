// Local HTTP servers with behaviour. Each behaviour is a function of the request, in a file of its own beside this one.
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ReceivedRequest {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** The same as it came. */
  readonly bytes: Buffer;
}

/** Answers one request; `received` counts this one too. */
export type Behaviour = (
  request: ReceivedRequest,
  response: ServerResponse,
  received: readonly ReceivedRequest[],
) => void | Promise<void>;

export interface BehavingServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** All requests so far, in order. */
  readonly received: readonly ReceivedRequest[];
}

/** Listens on a free port of the loopback address. */
export async function startBehavingServer(behaviour: Behaviour): Promise<BehavingServer> {
  const received: ReceivedRequest[] = [];
  const listener: RequestListener = (message, response) => {
    const chunks: Buffer[] = [];
    message.on("data", (chunk: Buffer) => chunks.push(chunk));
    message.on("end", () => {
      const { method = "", url = "", headers } = message;
      const bytes = Buffer.concat(chunks);
      const request = { method, path: url, headers, body: bytes.toString(), bytes };
      received.push(request);
      void behaviour(request, response, received);
    });
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    received,
    origin: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Answers with JSON. */
export function answerJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}
