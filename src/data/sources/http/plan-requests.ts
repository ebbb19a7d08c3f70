// The first request of each unit, as a run would send it, for people who look before it does.
import type { HttpRequest } from "../../../connections/http/http-request.ts";
import { maskAddress } from "../../../connections/http/mask-address.ts";
import { toAddress } from "../../../connections/http/to-address.ts";
import type { PlannedRead, PlannedRequest, SourcePlan } from "../../../core/dataset/source-plan.ts";
import type { SourceUnit } from "../../../core/dataset/source.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { isSecretKey, maskSecretFields, maskText } from "../../../core/errors/secret-redactor.ts";
import type { RemoteOptions } from "./request-options.ts";
import { describePages } from "../../requests/pagination.ts";
import type { SourcePlanning } from "../../source.ts";
import type { HttpSource, HttpSourceOptions } from "./options.ts";
import { authorize } from "./page-client.ts";
import { firstRequest, prepareRequests, type PreparedRequests, where } from "./prepare-requests.ts";
import { openStage } from "./stage-answer.ts";

/** Sends nothing, and asks for no token. @throws MillraceError `CONFIG_INVALID`, `CONNECTION_UNKNOWN`, `SECRET_MISSING` */
export async function planHttpSource({ http }: HttpSource, planning: SourcePlanning): Promise<SourcePlan> {
  const prepared = await prepareRequests(http, planning);
  const then =
    http.remote === undefined ? describePages(http.pagination ?? { kind: "none" }) : describeRemote(http.remote);
  const reads: PlannedRead[] = [];
  for await (const unit of prepared.units) reads.push(planUnit(http, prepared, unit));
  return {
    kind: "http",
    reads,
    ...(then === undefined ? {} : { then }),
  };
}

function planUnit(http: HttpSourceOptions, prepared: PreparedRequests, unit: SourceUnit): PlannedRead {
  try {
    const rendered = renderFirst(http, prepared, unit);
    const request =
      prepared.connection === undefined ? authorize(rendered, http.auth, unit.variables, where) : rendered;
    return { unit: unit.key, request: describe(request, http.connection) };
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== "VARIABLE_UNRESOLVED") throw error;
    return { unit: unit.key, problem: error.message };
  }
}

/** Of a remote job, that is the request which creates it. */
function renderFirst(http: HttpSourceOptions, prepared: PreparedRequests, unit: SourceUnit): HttpRequest {
  const { remote } = http;
  if (remote === undefined) return firstRequest(http, prepared, unit);
  const use = { usual: "POST", where: `\`remote.create\` of ${where}`, responses: [] } as const;
  const { options, request } = openStage(http, remote.create, { ...use, baseUrl: prepared.connection?.baseUrl });
  return firstRequest(options, { request, secretScopes: prepared.secretScopes }, unit);
}

function describeRemote({ status, results, cleanup, limit }: RemoteOptions): string {
  const done = `then asks ${status.url} until \`${status.path}\` is ${[status.is].flat().join(" or ")}`;
  const read = results === undefined ? "reads what the job has made" : `reads every result in \`${results}\``;
  const deleted = cleanup === undefined ? "" : ", and deletes the job when that is published";
  const most = limit === undefined ? "" : `; the service works on ${limit} at most`;
  return `${done}, ${read}${deleted}${most}`;
}

const maxBodyCharacters = 2_000;

function describe(request: HttpRequest, connection: string | undefined): PlannedRequest {
  const { method, headers = {}, body, secretParameters } = request;
  const isSecret = (name: string): boolean => isSecretKey(name) || secretHeaders.has(name.toLowerCase());
  const shown = Object.entries(headers).map(([name, value]) => [name, isSecret(name) ? maskText : value]);
  const text = body !== undefined && "raw" in body && typeof body.raw === "string" ? maskSecretFields(body.raw) : "";
  return {
    method,
    address: maskAddress(toAddress(request), secretParameters),
    headers: Object.fromEntries(shown) as Record<string, string>,
    ...(text === "" ? {} : { body: text.slice(0, maxBodyCharacters) }),
    ...(connection === undefined ? {} : { connection }),
  };
}

/** Beside those that are named like a secret. */
const secretHeaders: ReadonlySet<string> = new Set(["x-auth", "x-auth-key", "x-signature"]);
