// What a source needs to ask a service: the same for a run, which sends the requests, and for a plan, which shows the first ones.
import type { FileContent } from "../../../connections/http/file-content.ts";
import type { HttpRequest } from "../../../connections/http/http-request.ts";
import type { PayloadReading, SourceUnit } from "../../../core/dataset/source.ts";
import type { Variables } from "../../../core/dataset/variables.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { readBatches } from "../../payload/payload-batches.ts";
import { createPaginator, type Paginator } from "../../requests/paginator.ts";
import { openSentFiles, type SendingFiles, type SentFiles } from "../../requests/sent-files.ts";
import type { SourceConnection, SourceOpening } from "../../source.ts";
import type { HttpSourceOptions } from "./options.ts";
import { listSentFiles } from "./request-options.ts";
import { parseRequest, type RequestTemplate } from "./request-template.ts";

export interface PreparedRequests {
  /** Absent when the source has its own credentials, or none. */
  readonly connection: SourceConnection | undefined;
  readonly request: RequestTemplate;
  /** Every unit once for each batch, where requests carry rows. */
  readonly units: Iterable<SourceUnit> | AsyncIterable<SourceUnit>;
  /** How many units there are at most. */
  readonly most: number;
  /** Whether a request that fails fails all: one that is alone, and those that carry something, which all have to be answered. */
  readonly isWhole: boolean;
  readonly secretScopes: readonly string[];
}

type RequestOpening = Pick<SourceOpening, "reading" | "connect"> & Parameters<typeof readBatches>[1];

/** Names the options in messages. */
export const where = "`http` of the source";

/** @throws MillraceError `CONFIG_INVALID`, `CONNECTION_UNKNOWN`, `SECRET_MISSING` */
export async function prepareRequests(http: HttpSourceOptions, opening: RequestOpening): Promise<PreparedRequests> {
  const connection = await connect(http, opening);
  const { units = [{ key: "", variables: {} }], payload, secretScopes = [] } = opening.reading;
  const request = parseRequest(http, where, undefined, connection?.baseUrl);
  assertCarried(request, payload);
  return {
    connection,
    request,
    units: payload === undefined ? units : eachBatch(units, payload, opening),
    most: payload === undefined ? units.length : Infinity,
    isWhole: units.length === 1 || payload !== undefined,
    secretScopes,
  };
}

/** The pages of one unit. */
export function openPages({ pagination = { kind: "none" }, read, origins }: HttpSourceOptions): Paginator {
  return createPaginator(pagination, {
    ...(read?.total === undefined ? {} : { total: read.total }),
    ...(origins === undefined ? {} : { origins }),
  });
}

/** @param files of the body @throws MillraceError `VARIABLE_UNRESOLVED` */
export function firstRequest(
  http: HttpSourceOptions,
  { request, secretScopes }: Pick<PreparedRequests, "request" | "secretScopes">,
  { variables }: SourceUnit,
  files: readonly FileContent[] = [],
): HttpRequest {
  return request.render({ page: openPages(http).first(), variables, secretScopes, files });
}

/** The files that the request of a unit carries. @throws MillraceError as `openSentFiles` */
export async function filesOf(
  { body }: HttpSourceOptions,
  variables: Variables,
  sending: SendingFiles,
): Promise<SentFiles> {
  return await openSentFiles(listSentFiles(body), variables, `a file in \`body\` of ${where}`, sending);
}

async function connect(
  { connection }: HttpSourceOptions,
  opening: Pick<SourceOpening, "connect">,
): Promise<SourceConnection | undefined> {
  if (connection === undefined) return undefined;
  if (opening.connect !== undefined) return await opening.connect(connection);
  throw new MillraceError("CONFIG_INVALID", `the project has no connection \`${connection}\``, {
    hint: "declare it in the configuration",
  });
}

/** Every unit once for each batch. */
async function* eachBatch(
  units: readonly SourceUnit[],
  payload: PayloadReading,
  opening: RequestOpening,
): AsyncGenerator<SourceUnit> {
  for (const { key, variables } of units) {
    for await (const { number, variables: own } of readBatches(payload, opening)) {
      yield { key: `${key}${key === "" ? "" : " "}batch ${number}`, variables: { ...variables, [payload.name]: own } };
    }
  }
}

/** Requests that carry nothing of the payload would be the same again and again. */
function assertCarried(request: RequestTemplate, payload: PayloadReading | undefined): void {
  if (payload === undefined || request.uses(payload.name)) return;
  throw new MillraceError("JOB_INVALID", `no text of ${where} has a variable of input \`${payload.name}\``, {
    hint: `send its rows, for example with \`body: { json: "{{${payload.name}.rows}}" }\``,
  });
}
