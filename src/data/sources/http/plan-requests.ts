// The first request of each unit, as a run would send it, for people who look before it does.
import type { FileContent } from "../../../connections/http/file-content.ts";
import type { HttpBody, HttpRequest } from "../../../connections/http/http-request.ts";
import { maskAddress } from "../../../connections/http/mask-address.ts";
import { toAddress } from "../../../connections/http/to-address.ts";
import type { PlannedRead, PlannedRequest, SourcePlan } from "../../../core/dataset/source-plan.ts";
import type { SourceUnit } from "../../../core/dataset/source.ts";
import type { ErrorCode } from "../../../core/errors/error-codes.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { isSecretKey, maskSecretFields, maskText } from "../../../core/errors/secret-redactor.ts";
import type { RemoteOptions } from "./request-options.ts";
import { describePages } from "../../requests/pagination.ts";
import type { SourcePlanning } from "../../source.ts";
import type { HttpSource, HttpSourceOptions } from "./options.ts";
import { authorize } from "./page-client.ts";
import { firstKeyRequest, openKeys } from "./key-batches.ts";
import { filesOf, firstRequest, prepareRequests, type PreparedRequests, where } from "./prepare-requests.ts";
import { openStage } from "./stage-answer.ts";

/** Sends nothing, and asks for no token. @throws MillraceError `CONFIG_INVALID`, `CONNECTION_UNKNOWN`, `SECRET_MISSING` */
export async function planHttpSource({ http }: HttpSource, planning: SourcePlanning): Promise<SourcePlan> {
  const prepared = await prepareRequests(http, planning);
  const then = describeRest(http);
  const reads: PlannedRead[] = [];
  for await (const unit of prepared.units) reads.push(await planUnit(http, prepared, unit, planning));
  return {
    kind: "http",
    reads,
    ...(then === undefined ? {} : { then }),
  };
}

async function planUnit(
  http: HttpSourceOptions,
  prepared: PreparedRequests,
  { key, variables: own }: SourceUnit,
  planning: SourcePlanning,
): Promise<PlannedRead> {
  try {
    await using sent = await filesOf(http, own, planning);
    const unit = { key, variables: { ...sent.variables, ...own } };
    const rendered = renderFirst(http, prepared, unit, sent.files);
    const request =
      prepared.connection === undefined ? authorize(rendered, http.auth, unit.variables, where) : rendered;
    return { unit: key, request: describe(request, http.connection) };
  } catch (error) {
    if (!(error instanceof MillraceError) || !planned.has(error.code)) throw error;
    return { unit: key, problem: error.message };
  }
}

/** What a plan tells of a unit in the place of its request. */
const planned: ReadonlySet<ErrorCode> = new Set(["VARIABLE_UNRESOLVED", "SOURCE_MISSING"]);

/** Of a remote job, that is the request which creates it. */
function renderFirst(
  http: HttpSourceOptions,
  prepared: PreparedRequests,
  unit: SourceUnit,
  files: readonly FileContent[],
): HttpRequest {
  const { remote } = http;
  const keys = openKeys(http, prepared.connection?.baseUrl);
  if (keys !== undefined) return firstKeyRequest(keys, unit.variables, prepared.secretScopes);
  if (remote === undefined) return firstRequest(http, prepared, unit, files);
  const use = { usual: "POST", where: `\`remote.create\` of ${where}`, responses: [] } as const;
  const { options, request } = openStage(http, remote.create, { ...use, baseUrl: prepared.connection?.baseUrl });
  return firstRequest(options, { request, secretScopes: prepared.secretScopes }, unit);
}

function describeRest({ remote, keys, url, pagination = { kind: "none" } }: HttpSourceOptions): string | undefined {
  if (remote !== undefined) return describeRemote(remote);
  if (keys === undefined) return describePages(pagination);
  return `then asks ${url} for the rows of the keys at \`${keys.path}\`, ${keys.batch ?? 100} at a time`;
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
  const text = body === undefined ? "" : describeBody(body);
  return {
    method,
    address: maskAddress(toAddress(request), secretParameters),
    headers: Object.fromEntries(shown) as Record<string, string>,
    ...(text === "" ? {} : { body: text.slice(0, maxBodyCharacters) }),
    ...(connection === undefined ? {} : { connection }),
  };
}

/** A file is told by its name and length. */
function describeBody(body: HttpBody): string {
  if ("file" in body) return `the ${body.file.size} bytes of ${body.file.name}`;
  return "raw" in body && typeof body.raw === "string" ? maskSecretFields(body.raw) : "";
}

/** Beside those that are named like a secret. */
const secretHeaders: ReadonlySet<string> = new Set(["x-auth", "x-auth-key", "x-signature"]);
