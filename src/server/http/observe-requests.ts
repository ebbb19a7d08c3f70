// Every request in the log and in the metrics, once, when its answer is done; and what all answers have in their headers.
import type { FastifyInstance, FastifyRequest } from "fastify";
import { pathOf } from "./serve-ui.ts";
import type { ServerMetrics } from "./server-metrics.ts";

export function observeRequests(fastify: FastifyInstance, { metrics }: { readonly metrics: ServerMetrics }): void {
  fastify.addHook("onSend", async (request, reply) => {
    void reply.header("x-request-id", request.id);
    // Files of the UI say themselves how long they may be kept.
    if (!reply.hasHeader("cache-control")) void reply.header("cache-control", "no-store");
  });
  fastify.addHook("onResponse", async (request, reply) => {
    const { method } = request;
    const status = reply.statusCode;
    const durationMs = reply.elapsedTime;
    const operation = operationOf(request);
    metrics.countRequest({ method: knownMethods.has(method) ? method : "OTHER", operation, status, durationMs });
    const level = status >= 500 ? "error" : "info";
    request.log[level](
      {
        method,
        path: pathOf(request.url).slice(0, 300),
        operation,
        status,
        durationMs: Math.round(durationMs * 10) / 10,
        caller: request.caller?.name,
        address: request.ip,
      },
      "request",
    );
  });
}

const knownMethods: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"]);

function operationOf({ routeOptions }: FastifyRequest): string {
  return routeOptions.config.operation ?? routeOptions.url ?? "unknown";
}
