// Every entry of the route table as a route: guard, schema, handler, answer, audit. A table, schemas and handlers that do not
// match fail at the start, so that no entry is ever served half.
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from "fastify";
import type { z } from "zod";
import { type RouteEntry, type RouteName, routes } from "../../api/routes.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { SecretRedactor } from "../../core/errors/secret-redactor.ts";
import { auditedRoutes, type AuditTrail } from "../access/audit-trail.ts";
import { checkRequest, type InputSchemas, type RequestInput } from "./check-request.ts";
import { assertRole, type Guard, unauthenticated } from "../access/guard.ts";
import { isFileStream } from "../file-stream.ts";
import type { CallContext } from "../handler.ts";
import { isTextStream } from "../text-stream.ts";
import { sendAnswer } from "./send-answer.ts";

/** A handler without the types of its route, which `RouteSet` and the schemas have held. */
export type AnyHandler = (
  input: { readonly params: unknown; readonly query: unknown; readonly body: unknown },
  context: CallContext,
) => Promise<unknown>;

export interface RegisterRoutesOptions {
  /** By operation id. */
  readonly handlers: Readonly<Partial<Record<string, AnyHandler>>>;
  readonly schemas: Readonly<Partial<Record<string, InputSchemas & { readonly response: z.ZodType }>>>;
  readonly guard: Guard;
  readonly trail: AuditTrail;
  readonly redactor: SecretRedactor;
  /** Holds answers against their schemas, too, and fails the call when they differ; for tests. */
  readonly checkAnswers: boolean;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Operation id of the route table; others have none. */
    operation?: RouteName;
  }
}

/** @throws MillraceError `INTERNAL` naming the entries without handler or schema, and handlers without an entry */
export function registerRoutes(fastify: FastifyInstance, options: RegisterRoutesOptions): void {
  assertComplete(options);
  for (const name of routeNames) {
    const handler = options.handlers[name];
    const schemas = options.schemas[name];
    if (handler !== undefined && schemas !== undefined) registerRoute(fastify, { ...options, name, handler, schemas });
  }
}

/** Operation ids in the order of the table. */
export const routeNames: readonly RouteName[] = Object.keys(routes) as RouteName[];

function assertComplete({ handlers, schemas }: RegisterRoutesOptions): void {
  const missing = routeNames.filter((name) => handlers[name] === undefined || schemas[name] === undefined);
  const unknown = Object.keys(handlers).filter((name) => !Object.hasOwn(routes, name));
  if (missing.length === 0 && unknown.length === 0) return;
  const names = [...missing, ...unknown].map((name) => `\`${name}\``).join(", ");
  throw new MillraceError("INTERNAL", `expected exactly one handler and schema for each route, look at: ${names}`);
}

interface RouteOptions extends Omit<RegisterRoutesOptions, "handlers" | "schemas"> {
  readonly name: RouteName;
  readonly handler: AnyHandler;
  readonly schemas: InputSchemas & { readonly response: z.ZodType };
}

function registerRoute(fastify: FastifyInstance, options: RouteOptions): void {
  const { name, guard, trail } = options;
  const entry: RouteEntry = routes[name];
  const changes = entry.method !== "GET";
  fastify.route({
    method: entry.method satisfies HTTPMethods,
    url: entry.path,
    config: { operation: name },
    onRequest: async (request) => {
      await guard.admit(request, { permission: entry.permission, changes });
      if (auditedRoutes.has(name)) trail.assertRoom();
    },
    handler: (request, reply) => answer(request, reply, options, entry),
  });
}

// check → force → handle → record → send
async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  { name, handler, schemas, trail, redactor, checkAnswers }: RouteOptions,
  entry: RouteEntry,
): Promise<FastifyReply> {
  const input = withoutSecretReason(checkRequest(schemas, request), redactor);
  assertForce(request, input.body, entry);
  const gone = watchClient(request);
  try {
    const context = {
      caller: request.caller ?? nobody,
      signal: gone.signal,
      requestId: request.id,
      exchange: { request, reply },
    };
    const value = await handler(input, context);
    if (checkAnswers) assertAnswer(name, schemas.response, value);
    await trail.recordSuccess(request, name, value);
    return sendAnswer(reply, name, value, redactor);
  } finally {
    gone.stop();
  }
}

// Reasons are shown to everybody and kept for good; other texts are the caller's data and go on as they are.
function withoutSecretReason(input: RequestInput, redactor: SecretRedactor): RequestInput {
  const { body } = input;
  if (typeof body !== "object" || body === null || !("reason" in body) || typeof body.reason !== "string") return input;
  return { ...input, body: { ...body, reason: redactor.redactText(body.reason) } };
}

/** The caller of a public route, as its handler sees it. */
const nobody = { name: "", role: "viewer", tokenId: "" } as const;

function assertForce({ caller }: FastifyRequest, body: unknown, { forcePermission }: RouteEntry): void {
  const isForced = typeof body === "object" && body !== null && "force" in body && body.force === true;
  if (!isForced) return;
  if (forcePermission === undefined) {
    throw new MillraceError("REQUEST_INVALID", "body.force: there is nothing to force here", {
      details: { issues: [{ path: "body.force", message: "there is nothing to force here" }] },
    });
  }
  if (caller === undefined) throw unauthenticated();
  assertRole(caller, forcePermission, "`force`");
}

function watchClient({ raw }: FastifyRequest): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  raw.socket.once("close", abort);
  return { signal: controller.signal, stop: () => void raw.socket.off("close", abort) };
}

function assertAnswer(name: RouteName, schema: z.ZodType, value: unknown): void {
  if (isTextStream(value) || isFileStream(value)) return;
  const { error } = schema.safeParse(value);
  if (error === undefined) return;
  const [issue] = error.issues;
  throw new MillraceError(
    "INTERNAL",
    `\`${name}\` answers against its schema at ${issue?.path.join(".")}: ${issue?.message}`,
  );
}
