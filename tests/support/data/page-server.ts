// A service on this machine whose answers a test writes, with the requests that it got.
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** Parameters of the query. */
  readonly query: URLSearchParams;
  /** From 0. */
  readonly index: number;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes and texts go out as they are; anything else as JSON. */
  readonly body?: unknown;
  /** Ends the connection behind the body. */
  readonly isCut?: boolean;
}

export type Respond = (request: Received) => Answer | Promise<Answer>;

/** Listens on a port of its own until it is disposed of. */
export class PageServer implements AsyncDisposable {
  readonly requests: Received[] = [];
  readonly #server: Server;

  private constructor(respond: Respond) {
    this.#server = createServer((request, response) => {
      void this.#read(request).then(async (received) => {
        const { status = 200, headers = {}, body = "", isCut = false } = await respond(received);
        const isBytes = typeof body === "string" || body instanceof Uint8Array;
        const bytes = Buffer.from(isBytes ? body : JSON.stringify(body));
        const length = isCut ? {} : { "content-length": String(bytes.length) };
        response.writeHead(status, { "content-type": "application/json", ...length, ...headers });
        if (isCut) response.write(bytes, () => response.destroy());
        else response.end(bytes);
      });
    });
  }

  static async start(respond: Respond): Promise<PageServer> {
    const server = new PageServer(respond);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  /** The address of a path. */
  url(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  /** What was asked for, as `GET /items?page=1`. */
  get lines(): string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`);
  }

  async #read(request: IncomingMessage): Promise<Received> {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const path = request.url ?? "";
    const received = {
      method: request.method ?? "",
      path,
      headers: request.headers,
      body: Buffer.concat(parts).toString(),
      query: new URL(path, "http://x").searchParams,
      index: this.requests.length,
    };
    this.requests.push(received);
    return received;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
