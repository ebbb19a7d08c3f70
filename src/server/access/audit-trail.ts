// Records every call that may change something, whether it was allowed, denied or failed, with its input, redacted and
// shortened.
import type { FastifyRequest } from "fastify";
import { type RouteEntry, type RouteName, routes } from "../../api/routes.ts";
import type { SecretRedactor } from "../../core/errors/secret-redactor.ts";
import type { Json } from "../../store/rows/run-records.ts";
import type { NewAuditEntry } from "../../store/access/access-store.ts";
import type { AuditLog } from "./audit-log.ts";

/** All but reads and tickets, which change nothing. */
export const auditedRoutes: ReadonlySet<RouteName> = new Set(
  (Object.entries(routes) as [RouteName, RouteEntry][])
    .filter(([name, { method }]) => method !== "GET" && name !== "createTicket")
    .map(([name]) => name),
);

/** The secrets themselves are what these bodies are for, or records, which only those may see who may see rows. */
export const quietBodies: ReadonlySet<RouteName> = new Set(["createSession", "addConnection", "produceRecords"]);

/** Fields of other bodies that hold records. */
const quietFields: ReadonlySet<string> = new Set(["retryDeadLetters.value"]);

/** A body as the audit keeps it, before it is redacted. */
export function auditedBody(name: RouteName, body: object): object {
  return Object.fromEntries(Object.entries(body).filter(([field]) => !quietFields.has(`${name}.${field}`)));
}

const maxDetailLength = 4_000;

export class AuditTrail {
  readonly #log: AuditLog;
  readonly #redactor: SecretRedactor;

  constructor(log: AuditLog, redactor: SecretRedactor) {
    this.#log = log;
    this.#redactor = redactor;
  }

  /** @throws MillraceError `STORE_UNAVAILABLE` */
  assertRoom(): void {
    this.#log.assertRoom();
  }

  async recordSuccess(request: FastifyRequest, name: RouteName, answer: unknown): Promise<void> {
    if (!auditedRoutes.has(name)) return;
    await this.#record(request, name, "allowed", { result: summaryOf(answer) });
  }

  /** What ended with a status of 4xx or 5xx; 401 and 403 are denials. */
  async recordFailure(request: FastifyRequest, status: number, code: string): Promise<void> {
    const name = request.routeOptions.config.operation;
    // A caller that calls too often is not answered, and not recorded either.
    if (name === undefined || !auditedRoutes.has(name) || status === 429) return;
    await this.#record(request, name, status === 401 || status === 403 ? "denied" : "failed", { status, code });
  }

  async #record(
    request: FastifyRequest,
    name: RouteName,
    outcome: NewAuditEntry["outcome"],
    ending: Record<string, Json>,
  ): Promise<void> {
    const { caller } = request;
    const entry = {
      actor: caller?.name ?? "anonymous",
      action: name,
      target: this.#redactor.redactText(targetOf(request)).slice(0, 300),
      detail: { ...this.#detailOf(request, name), ...ending, address: request.ip },
      outcome,
    };
    await (caller === undefined ? this.#log.recordAnonymous(entry) : this.#log.record(entry));
  }

  #detailOf({ body }: FastifyRequest, name: RouteName): { readonly body?: Json } {
    if (quietBodies.has(name) || typeof body !== "object" || body === null) return {};
    const shown = this.#redactor.redact(auditedBody(name, body)) as Json;
    const text = JSON.stringify(shown);
    return { body: text.length <= maxDetailLength ? shown : `${text.slice(0, maxDetailLength)}…`.toWellFormed() };
  }
}

/** Names in the path: the job, the run, the token. */
function targetOf({ params, body }: FastifyRequest): string {
  const names = Object.values(Object(params) as Record<string, unknown>);
  if (names.length > 0) return clean(names.map(String).join(" "));
  const { name, selection_id } = Object(body) as { readonly name?: unknown; readonly selection_id?: unknown };
  const named = name ?? selection_id;
  return typeof named === "string" ? clean(named) : "";
}

function clean(text: string): string {
  return text.toWellFormed().replaceAll("\0", "");
}

// Summarizes an answer in a few numbers and ids: `run_id`, `changed`, `count`, never a secret or a list.
function summaryOf(answer: unknown): Json {
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return null;
  const kept = Object.entries(answer).filter(
    ([key, value]) =>
      key !== "secret" && (typeof value === "number" || typeof value === "boolean" || key.endsWith("_id")),
  );
  return Object.fromEntries(kept.filter(([, value]) => typeof value !== "object")) as Json;
}
