// A connection as job code gets it: statuses that are failures are errors, and small answers are values.
import { text } from "node:stream/consumers";
import type { ServiceConnection, ServiceRequest, ServiceResponse } from "../core/connection/service-connection.ts";
import { parseDuration } from "../core/duration.ts";
import { MillraceError } from "../core/errors/errors.ts";
import type { ConnectionRequest, ConnectionResponse, HttpConnection, SendCall } from "./http-connection.ts";
import type { HttpBody } from "./http/http-request.ts";
import { readJson } from "./http/read-json.ts";
import { toStatusError } from "./http/status-error.ts";

export function toServiceConnection(connection: HttpConnection, now: () => number, call: SendCall): ServiceConnection {
  return {
    name: connection.name,
    send: async (request) => {
      const target = toRequest(request);
      const response = await connection.send(target, {
        ...call,
        cost: request.cost,
        isUncached: request.cache === false,
      });
      if (response.status < 400 || request.accept?.includes(response.status) === true) return toResponse(response);
      response.body.destroy();
      throw named(connection.name, toStatusError(target.method, response, now()));
    },
  };
}

function toRequest({ method, url, query, headers, timeout, ...bodies }: ServiceRequest): ConnectionRequest {
  const body = toBody(bodies);
  const waitMs = timeout === undefined ? undefined : parseDuration(timeout, "timeout");
  return {
    url,
    method: method ?? (body === undefined ? "GET" : "POST"),
    ...(query === undefined ? {} : { query }),
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
    ...(waitMs === undefined ? {} : { timeouts: { headersMs: waitMs, idleMs: waitMs } }),
  };
}

function toBody({ json, form, text: content }: Pick<ServiceRequest, "json" | "form" | "text">): HttpBody | undefined {
  if (json !== undefined) return { json };
  if (form !== undefined) return { form };
  return content === undefined ? undefined : { raw: content, contentType: "text/plain; charset=utf-8" };
}

function toResponse(response: ConnectionResponse): ServiceResponse {
  const { status, headers, address, body, cache } = response;
  const { isStale: stale = false, ageMs = 0 } = cache ?? {};
  return {
    status,
    headers,
    address,
    cached: cache !== undefined,
    stale,
    ageMs,
    body,
    text: () => text(body),
    json: () => readJson(response),
  };
}

// Breakers of other connections of the job are not concerned.
function named(connection: string, error: MillraceError): MillraceError {
  const { code, message, errorClass, hint, retryAfterMs, details } = error;
  return new MillraceError(code, message, {
    errorClass,
    details: { ...details, connection },
    ...(hint === undefined ? {} : { hint }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
