// The route of the WebSocket. Who may connect is the guard's business: it has run when the connection is handed over.
import websocket from "@fastify/websocket";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Topic } from "../../api/event-message.ts";
import { eventsPath } from "../../api/routes.ts";
import type { Caller } from "../handler.ts";
import type { EventHub } from "./event-hub.ts";
import { maxMessageBytes, parseTopic } from "./parse-client-message.ts";

export interface RegisterEventsOptions {
  readonly hub: EventHub;
  /** The guard: lets the request through, or throws before the connection becomes a WebSocket. */
  readonly admit: (request: FastifyRequest) => Promise<void>;
  /** The caller that the guard has found out, and how long that holds. */
  readonly identityOf: (request: FastifyRequest) => {
    readonly caller: Caller;
    readonly expiresAtMs: number | undefined;
  };
}

/** `?topic=`, once or several times, subscribes at once. The hub is disposed when the server closes. */
export async function registerEvents(
  fastify: FastifyInstance,
  { hub, admit, identityOf }: RegisterEventsOptions,
): Promise<void> {
  await fastify.register(websocket, {
    // Messages are small and shared by many clients: compressing them for each would cost more than it saves.
    options: { maxPayload: maxMessageBytes, perMessageDeflate: false },
    preClose: async () => await hub[Symbol.asyncDispose](),
  });
  await fastify.register(async (scope) => {
    scope.get(eventsPath, { websocket: true, onRequest: admit }, (socket, request) => {
      const { caller, expiresAtMs } = identityOf(request);
      hub.connect(socket, caller, { topics: topicsOf(request.query), expiresAtMs });
    });
  });
}

function topicsOf(query: unknown): Topic[] {
  if (query === null || typeof query !== "object" || !("topic" in query)) return [];
  const given = Array.isArray(query.topic) ? query.topic : [query.topic];
  return given.slice(0, 10).flatMap((text) => parseTopic(text) ?? []);
}
