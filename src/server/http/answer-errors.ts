// Every way in which a request can go wrong ends here: as a problem document, in the log when it is ours, in the audit when it
// would have changed something.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Socket } from "node:net";
import { type RouteEntry, routes } from "../../api/routes.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { SecretRedactor } from "../../core/errors/secret-redactor.ts";
import type { AuditTrail } from "../access/audit-trail.ts";
import { HttpProblem, problemType, retryAfterSeconds, toProblem } from "../problem-details.ts";
import { isPageRequest, sendPage } from "./serve-ui.ts";

export interface AnswerErrorsOptions {
  readonly trail: AuditTrail;
  readonly redactor: SecretRedactor;
  readonly uiFolder?: string;
}

export function answerErrors(fastify: FastifyInstance, options: AnswerErrorsOptions): void {
  const { trail, redactor, uiFolder } = options;
  fastify.setErrorHandler(async (error, request, reply) => {
    const problem = redactor.redact(toProblem(error, request.id), { keys: false });
    if (problem.status >= 500) request.log.error({ err: error }, "request failed");
    await trail.recordFailure(request, problem.status, problem.code);
    return sendProblem(reply, problem.status, problem, retryAfterSeconds(error));
  });
  fastify.setNotFoundHandler((request, reply) => {
    if (uiFolder !== undefined && isPageRequest(request)) return sendPage(reply);
    const allowed = methodsOf(request);
    if (allowed.length === 0) throw new MillraceError("ROUTE_UNKNOWN", "there is nothing at this path");
    void reply.header("allow", allowed.join(", "));
    throw new HttpProblem(405, "ROUTE_UNKNOWN", `this path takes ${allowed.join(", ")}`);
  });
}

/** For paths that the router cannot read: no hook has run, and none will. */
export function answerBadPath(error: Error, { id }: FastifyRequest, reply: FastifyReply): void {
  const problem = toProblem(error, id);
  void sendProblem(reply, problem.status, problem, undefined);
}

/** For bytes that are not HTTP, and headers that are too long or too slow: there is no request yet. */
export function answerBadBytes(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, detail] = statusOfBadBytes[error.code ?? ""] ?? [400, "the request is not well-formed HTTP"];
  const problem = toProblem(new HttpProblem(status, "REQUEST_INVALID", detail), "");
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${status} ${problem.title}\r\nContent-Type: ${problemType}\r\nConnection: close\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

const statusOfBadBytes: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, "the headers are too large"],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "the request took too long to arrive"],
};

function sendProblem(
  reply: FastifyReply,
  status: number,
  problem: object,
  retryAfter: number | undefined,
): FastifyReply {
  if (status === 401) void reply.header("www-authenticate", "Bearer");
  if (retryAfter !== undefined) void reply.header("retry-after", retryAfter);
  return reply.code(status).type(problemType).send(JSON.stringify(problem));
}

/** Methods of routes that the path of the request would fit. */
function methodsOf({ url }: FastifyRequest): string[] {
  const path = url.split("?", 1)[0] ?? "";
  const entries: readonly RouteEntry[] = Object.values(routes);
  const fitting = entries.filter((entry) => patternOf(entry.path).test(path)).map(({ method }) => method);
  return [...new Set([...fitting, ...(probePaths.has(path) ? ["GET"] : [])])];
}

const probePaths: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics", "/openapi.json"]);

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(".", String.raw`\.`).replaceAll(/:\w+/g, "[^/]+")}$`);
}
