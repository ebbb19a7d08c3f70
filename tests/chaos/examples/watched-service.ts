// Stands in front of an example's service, outside of the command that is killed: it sees which requests came, which of them the
// service carried out and which were answered, and can be told to stop at one of them.
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, request as send, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** `came`: the service does not know of it yet; `carried out`: nobody else knows the answer yet; `lost`: the service gave none. */
export type RequestMoment = "came" | "carried out" | "answered" | "lost";

export interface WatchedRequest {
  /** Such as `GET /files?page=2`. */
  readonly route: string;
  /** The idempotency key that came with it. */
  readonly key: string | undefined;
  /** A fingerprint of the body. */
  readonly print: string;
  moment: RequestMoment;
  status: number | undefined;
}

export interface WatchedService {
  readonly url: string;
  /** All that came, in their order. */
  readonly requests: readonly WatchedRequest[];
  /** Asked at each moment of each request; the request goes no further when it returns true. */
  onMoment: (moment: RequestMoment) => boolean;
  close(): void;
}

/** Listens on a port of its own. */
export async function watchService(upstream: string): Promise<WatchedService> {
  const requests: WatchedRequest[] = [];
  const stopsAt = (watched: WatchedRequest, moment: RequestMoment): boolean => {
    watched.moment = moment;
    return service.onMoment(moment);
  };
  const server = createServer((request, response) => {
    void pass(request, response).catch(() => request.socket.destroy());
  });
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request);
    const watched = describeRequest(request, body);
    requests.push(watched);
    if (stopsAt(watched, "came")) return void request.socket.destroy();
    const answer = await forward(upstream, request, body).catch(() => undefined);
    if (answer === undefined) {
      stopsAt(watched, "lost");
      return void request.socket.destroy();
    }
    const content = await readBody(answer);
    watched.status = answer.statusCode;
    if (stopsAt(watched, "carried out")) return void request.socket.destroy();
    // answered counts when the bytes are out; somebody who was killed meanwhile never gets them
    response.once("finish", () => stopsAt(watched, "answered"));
    response.writeHead(answer.statusCode ?? 500, answer.headers).end(content);
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const service: WatchedService = {
    url: `http://127.0.0.1:${port}`,
    requests,
    onMoment: () => false,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return service;
}

function describeRequest({ method, url, headers }: IncomingMessage, body: Buffer): WatchedRequest {
  return {
    route: `${method} ${url}`,
    key: headers["idempotency-key"]?.toString(),
    print: createHash("sha256").update(body).digest("hex").slice(0, 16),
    moment: "came",
    status: undefined,
  };
}

function forward(upstream: string, { method, url, headers }: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { method, headers: { ...headers, connection: "close" } };
    send(`${upstream}${url}`, options, resolve).once("error", reject).end(body);
  });
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}
