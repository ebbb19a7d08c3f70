// The control plane over HTTP: Fastify with the house's rules around the route table. Whatever is asked, the answer is JSON of
// the contract or a problem, and nothing that the table does not know is served but files of the UI.
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  fastify as createFastify,
  LogController,
} from "fastify";
import { randomBytes } from "node:crypto";
import type { Server as HttpServer } from "node:http";
import { MillraceError } from "../../core/errors/errors.ts";
import type { SecretRedactor } from "../../core/errors/secret-redactor.ts";
import { answerBadBytes, answerBadPath, answerErrors } from "./answer-errors.ts";
import type { AuditLog } from "../access/audit-log.ts";
import { AuditTrail } from "../access/audit-trail.ts";
import type { Guard } from "../access/guard.ts";
import { assertUtf8, parseJsonBody } from "./json-body.ts";
import { type RegisterRoutesOptions, registerRoutes } from "./register-routes.ts";
import { registerProbes } from "./register-probes.ts";
import type { ServerMetrics } from "./server-metrics.ts";
import type { ServerServices } from "../server-services.ts";
import { serveUi } from "./serve-ui.ts";
import { observeRequests } from "./observe-requests.ts";

export interface CreateServerOptions {
  readonly services: ServerServices;
  readonly handlers: RegisterRoutesOptions["handlers"];
  readonly schemas: RegisterRoutesOptions["schemas"];
  readonly guard: Guard;
  readonly auditLog: AuditLog;
  readonly metrics: ServerMetrics;
  readonly redactor: SecretRedactor;
  readonly logger: FastifyBaseLogger;
  /** Adds the WebSocket beside the routes. */
  readonly registerEvents?: (fastify: FastifyInstance) => Promise<void>;
  /** Folder of the built UI. */
  readonly uiFolder?: string;
  readonly limits?: Partial<ServerLimits>;
  /** Believes `X-Forwarded-*` of these addresses, such as a proxy that ends TLS; default none. */
  readonly trustProxy?: string | readonly string[];
  readonly checkAnswers?: boolean;
}

export interface ServerLimits {
  readonly maxBodyBytes: number;
  /** The limit of one token, or of one address without any. */
  readonly maxRequestsPerMinute: number;
  /** Calls with a wrong token from one address, before it is refused for the rest of a minute. */
  readonly maxFailedLoginsPerMinute: number;
  /** For a request's headers to arrive. */
  readonly headersTimeoutMs: number;
  /** For all of a request to arrive. */
  readonly requestTimeoutMs: number;
}

export const defaultLimits: ServerLimits = {
  maxBodyBytes: 1_048_576,
  maxRequestsPerMinute: 12_000,
  maxFailedLoginsPerMinute: 20,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
};

/** Not listening yet. @throws MillraceError `INTERNAL` when routes lack handlers or schemas */
export async function createServer(options: CreateServerOptions): Promise<FastifyInstance> {
  const limits = { ...defaultLimits, ...options.limits };
  const trail = new AuditTrail(options.auditLog, options.redactor);
  const fastify = createInstance(options, limits);
  // The guard checks the host of upgrades: the WebSocket plugin must have seen the request before anybody refuses it.
  fastify.addHook("onRequest", async (request) => {
    if (request.headers.upgrade === undefined) options.guard.assertHost(request);
  });
  observeRequests(fastify, options);
  answerErrors(fastify, { ...options, trail });
  await fastify.register(helmet, securityHeaders(options));
  await fastify.register(rateLimit, {
    max: limits.maxRequestsPerMinute,
    timeWindow: 60_000,
    // After the guard, which says whose request it is.
    hook: "preParsing",
    keyGenerator: ({ caller, ip }) => caller?.tokenId ?? ip,
    errorResponseBuilder: (_, { ttl }) =>
      new MillraceError("TOO_MANY_REQUESTS", "too many requests", { retryAfterMs: ttl }),
  });
  if (options.uiFolder !== undefined) serveUi(fastify, options.uiFolder);
  registerRoutes(fastify, { ...options, trail, checkAnswers: options.checkAnswers ?? false });
  registerProbes(fastify, options);
  await options.registerEvents?.(fastify);
  await fastify.ready();
  return fastify;
}

function createInstance(
  { logger, trustProxy }: CreateServerOptions,
  { maxBodyBytes, headersTimeoutMs, requestTimeoutMs }: ServerLimits,
): FastifyInstance {
  const fastify: FastifyInstance = createFastify<HttpServer>({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomBytes(8).toString("hex"),
    requestIdHeader: false,
    bodyLimit: maxBodyBytes,
    requestTimeout: requestTimeoutMs,
    exposeHeadRoutes: false,
    forceCloseConnections: "idle",
    // A client that is connected already is answered as ever while the server closes.
    return503OnClosing: false,
    trustProxy: trustProxy === undefined ? false : [trustProxy].flat(),
    // Node looks for late requests every 30 s otherwise.
    http: { headersTimeout: headersTimeoutMs, connectionsCheckingInterval: 1_000, maxHeaderSize: 16_384 },
    clientErrorHandler: answerBadBytes,
    frameworkErrors: answerBadPath,
    routerOptions: { maxParamLength: 1_000, ignoreTrailingSlash: false, caseSensitive: true },
  });
  fastify.decorateRequest("identity", undefined);
  fastify.decorateRequest("caller", undefined);
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    "application/json",
    { parseAs: "string" },
    async ({ headers }: FastifyRequest, body: string) => {
      assertUtf8(headers["content-type"]);
      return parseJsonBody(body);
    },
  );
  return fastify;
}

function securityHeaders({ uiFolder }: CreateServerOptions): Parameters<typeof helmet>[1] {
  const nothing = ["'none'"];
  const own = ["'self'"];
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives:
        uiFolder === undefined
          ? { defaultSrc: nothing, frameAncestors: nothing }
          : {
              defaultSrc: own,
              scriptSrc: own,
              styleSrc: own,
              imgSrc: ["'self'", "data:"],
              // Safari does not count WebSockets of the same host as `'self'`.
              connectSrc: ["'self'", "ws:", "wss:"],
              objectSrc: nothing,
              baseUri: nothing,
              formAction: own,
              frameAncestors: nothing,
            },
    },
    frameguard: { action: "deny" },
    referrerPolicy: { policy: "no-referrer" },
    crossOriginEmbedderPolicy: false,
    // Over TLS the proxy in front decides for all of its host.
    hsts: false,
  };
}
