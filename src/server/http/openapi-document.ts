// The OpenAPI 3.1 document, made from the route table and the schemas that the server checks with.
import { createDocument, type ZodOpenApiOperationObject } from "zod-openapi";
import { z } from "zod";
import { type RouteEntry, type RouteName, routes } from "../../api/routes.ts";
import type { InputSchemas } from "./check-request.ts";
import { exportTypes } from "../file-stream.ts";
import { routeNames } from "./register-routes.ts";

export interface OpenApiOptions {
  readonly version: string;
  readonly schemas: Readonly<Partial<Record<string, InputSchemas & { readonly response: z.ZodType }>>>;
}

/** Always the same text for the same package: nothing in it tells of a project. */
export function createOpenApiDocument({ version, schemas }: OpenApiOptions): object {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const name of routeNames) {
    const entry: RouteEntry = routes[name];
    const schema = schemas[name];
    if (schema === undefined) continue;
    const path = entry.path.replaceAll(/:(\w+)/g, "{$1}");
    (paths[path] ??= {})[entry.method.toLowerCase()] = toOperation(name, entry, schema);
  }
  return createDocument({
    openapi: "3.1.0",
    info: {
      title: "Millrace",
      version,
      description: "Runs data jobs. Instants are ISO 8601 in UTC, durations milliseconds, lists keyset pages.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }, { session: [] }],
    tags: [...new Set(routeNames.map(tagOf))].map((tag) => ({ name: tag })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", bearerFormat: "mlr_<id>_<secret>" },
        session: { type: "apiKey", in: "cookie", name: "millrace_session" },
      },
      schemas: { Problem: problem },
    },
  });
}

const problem = z
  .object({
    type: z.string(),
    code: z.string().describe("one of docs/reference/errors.md"),
    status: z.int(),
    title: z.string(),
    detail: z.string(),
    hint: z.string().optional(),
    allowed: z.array(z.string()).optional().describe("with 409: what is allowed in the state it is in"),
    issues: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .describe("with 400: where in the request"),
    request_id: z.string(),
  })
  .meta({
    id: "Problem",
    example: {
      type: "https://millrace.dev/errors#RUN_UNKNOWN",
      code: "RUN_UNKNOWN",
      status: 404,
      title: "Not found",
      detail: "unknown run `r42`",
      request_id: "5f0c8a2e9d1b4c37",
    },
  });

function toOperation(
  name: RouteName,
  entry: RouteEntry,
  { params, query, body, response }: InputSchemas & { readonly response: z.ZodType },
): ZodOpenApiOperationObject {
  return {
    operationId: name,
    summary: entry.summary,
    tags: [tagOf(name)],
    "x-permission": entry.permission,
    ...(entry.forcePermission === undefined ? {} : { "x-force-permission": entry.forcePermission }),
    ...(entry.permission === "public" ? { security: [] } : {}),
    requestParams: {
      ...(params === undefined ? {} : { path: params as z.ZodObject }),
      ...(query === undefined ? {} : { query: query as z.ZodObject }),
    },
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { "application/json": { schema: body } } } }),
    responses: { ...toSuccess(name, response), ...problemsOf(entry, { names: params ?? query ?? body, body }) },
  };
}

/** Of answers that are no JSON. */
const fileTypes: Readonly<Partial<Record<RouteName, readonly string[]>>> = {
  downloadRunLogs: ["text/plain"],
  exportDataset: Object.values(exportTypes),
  exportDelivery: Object.values(exportTypes),
  exportFigureRows: Object.values(exportTypes),
  exportSprints: Object.values(exportTypes),
};

function toSuccess(name: RouteName, response: z.ZodType): ZodOpenApiOperationObject["responses"] {
  if (response instanceof z.ZodNull) return { "204": { description: "done" } };
  const types = fileTypes[name] ?? ["application/json"];
  const content = Object.fromEntries(types.map((type) => [type, { schema: response }]));
  return { "200": { description: "done", content } };
}

/** @param takes the part of the request that can name something, and the body */
function problemsOf(
  { method, permission }: RouteEntry,
  takes: { readonly names: z.ZodType | undefined; readonly body: z.ZodType | undefined },
): ZodOpenApiOperationObject["responses"] {
  const said: readonly (readonly [string, string, boolean])[] = [
    ["400", "the request is not as described", true],
    ["401", "no valid token", true],
    ["403", "the role does not allow it", permission !== "public"],
    ["404", "what the request names is unknown", takes.names !== undefined],
    ["409", "the state does not allow it", method !== "GET"],
    ["415", "the body is no JSON in UTF-8", takes.body !== undefined],
    ["429", "too many requests", true],
    ["503", "the store does not answer", true],
  ];
  const content = { "application/problem+json": { schema: problem } };
  return Object.fromEntries(
    said.filter(([, , applies]) => applies).map(([status, description]) => [status, { description, content }]),
  );
}

/** First part of the path: `runs`, `jobs`, … */
function tagOf(name: RouteName): string {
  return routes[name].path.split("/")[3] ?? "api";
}
