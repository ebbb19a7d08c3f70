// A server that has the WebSocket alone, and a plain client of it that keeps what it was told.
import { once } from "node:events";
import fastify, { type FastifyInstance } from "fastify";
import { WebSocket } from "ws";
import type { ClientMessage, RunMessage, ServerMessage } from "../../../src/api/event-message.ts";
import { eventsPath } from "../../../src/api/routes.ts";
import { createEventHub, type EventHub, type EventHubOptions } from "../../../src/server/ws/event-hub.ts";
import { registerEvents } from "../../../src/server/ws/register-events.ts";

export interface EventServer extends AsyncDisposable {
  readonly url: string;
  readonly hub: EventHub;
  readonly fastify: FastifyInstance;
  readonly errors: readonly unknown[];
  connect(query?: string): Promise<EventListener>;
}

/** `?token=` names the caller, and `?lives=` says for how many milliseconds it may be connected. */
export async function startEventServer(options: EventHubOptions, port = 0): Promise<EventServer> {
  const errors: unknown[] = [];
  const hub = createEventHub({ onError: (error) => void errors.push(error), ...options });
  const server = fastify();
  await registerEvents(server, {
    hub,
    admit: async () => {},
    identityOf: ({ query }) => {
      const { token = "test", lives } = query as { token?: string; lives?: string };
      const caller = { name: token, role: "viewer", tokenId: token } as const;
      return { caller, expiresAtMs: lives === undefined ? undefined : Date.now() + Number(lives) };
    },
  });
  const address = await server.listen({ host: "127.0.0.1", port });
  const url = address.replace("http:", "ws:") + eventsPath;
  return {
    url,
    hub,
    fastify: server,
    errors,
    connect: async (query = "") => await EventListener.open(url + query),
    [Symbol.asyncDispose]: async () => await server.close(),
  };
}

/** Keeps everything in the order in which it came. */
export class EventListener {
  readonly socket: WebSocket;
  readonly messages: ServerMessage[] = [];
  /** How many frames came. */
  frames = 0;
  closed: { readonly code: number; readonly reason: string } | undefined;
  #waiting: { readonly isMet: () => boolean; readonly resolve: () => void }[] = [];

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data) => {
      this.frames += 1;
      // eslint-disable-next-line typescript/no-base-to-string -- frames are buffers
      const parsed = JSON.parse(String(data)) as ServerMessage | ServerMessage[];
      this.messages.push(...(Array.isArray(parsed) ? parsed : [parsed]));
      this.#check();
    });
    socket.on("close", (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.#check();
    });
    socket.on("error", () => {});
  }

  static async open(url: string): Promise<EventListener> {
    const listener = new EventListener(new WebSocket(url));
    await once(listener.socket, "open");
    return listener;
  }

  send(message: ClientMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  get events(): RunMessage[] {
    return this.messages.filter((message) => "pos" in message && "run_id" in message);
  }

  of<Type extends ServerMessage["type"]>(type: Type): Extract<ServerMessage, { type: Type }>[] {
    return this.messages.filter((message): message is Extract<ServerMessage, { type: Type }> => message.type === type);
  }

  /** Resolves as soon as it holds after a message, or after the close. */
  async until(isMet: () => boolean): Promise<void> {
    if (isMet()) return;
    await new Promise<void>((resolve) => this.#waiting.push({ isMet, resolve }));
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.until(() => this.closed !== undefined);
  }

  async kill(): Promise<void> {
    this.socket.terminate();
    await this.until(() => this.closed !== undefined);
  }

  #check(): void {
    this.#waiting = this.#waiting.filter(({ isMet, resolve }) => {
      if (!isMet()) return true;
      resolve();
      return false;
    });
  }
}
