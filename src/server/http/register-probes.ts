// Serves what machines ask beside the API: whether the process lives, whether it can work, its metrics, its
// description.
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Guard } from "../access/guard.ts";
import { createOpenApiDocument, type OpenApiOptions } from "./openapi-document.ts";
import { HttpProblem } from "../problem-details.ts";
import { isNavigation, sendPage } from "./serve-ui.ts";
import type { ServerMetrics } from "./server-metrics.ts";
import type { ServerServices } from "../server-services.ts";

export interface RegisterProbesOptions {
  readonly services: Pick<ServerServices, "store" | "version">;
  readonly schemas: OpenApiOptions["schemas"];
  readonly guard: Guard;
  readonly metrics: ServerMetrics;
  readonly uiFolder?: string;
}

/** Paths that need no token, with the public routes of the table all there are. */
export const publicProbes: readonly string[] = ["/healthz", "/readyz", "/openapi.json"];

const patienceMs = 2_000;

export function registerProbes(fastify: FastifyInstance, options: RegisterProbesOptions): void {
  const { services, guard, metrics, schemas, uiFolder } = options;
  const admitAll = {
    onRequest: (request: FastifyRequest) => guard.admit(request, { permission: "public", changes: false }),
  };

  fastify.get("/healthz", admitAll, async () => ({ status: "alive" }));

  fastify.get("/readyz", admitAll, async () => {
    await assertReady(services.store);
    return { status: "ready" };
  });

  let document: string | undefined;
  fastify.get("/openapi.json", admitAll, (_, reply) => {
    document ??= JSON.stringify(createOpenApiDocument({ version: services.version, schemas }));
    return reply.type("application/json; charset=utf-8").send(document);
  });

  // The UI has a screen at this address, too: a browser that goes there gets the page, and the page asks for more.
  const wantsPage = (request: FastifyRequest): boolean => uiFolder !== undefined && isNavigation(request);
  fastify.get(
    "/metrics",
    {
      onRequest: (request) =>
        guard.admit(request, { permission: wantsPage(request) ? "public" : "viewer", changes: false }),
    },
    async (request, reply) =>
      wantsPage(request) ? sendPage(reply) : reply.type(metrics.contentType).send(await metrics.read()),
  );
}

/** A store of another version does not open, so that one which answers has the right tables. @throws HttpProblem 503 */
async function assertReady(store: ServerServices["store"]): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(notReady), patienceMs);
  try {
    await Promise.race([store.readClockMs(), late.promise]);
  } catch {
    throw notReady;
  } finally {
    clearTimeout(timer);
  }
}

const notReady = new HttpProblem(503, "STORE_UNAVAILABLE", "the store does not answer");
