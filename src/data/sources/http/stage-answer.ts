// Requests of a remote job beside those for its rows: sent, judged and tried again as pages are, and what their answers say.
import type { VariableValue, Variables } from "../../../core/dataset/variables.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { RemoteRequest } from "./request-options.ts";
import type { RequestJournal } from "../../requests/request-journal.ts";
import type { ResponseRule } from "../../requests/response-rules.ts";
import { parseExactJson } from "../../requests/value-path.ts";
import { findFileFormat } from "../format-registry.ts";
import type { PageBody, PageRows, ReadPage } from "../page-rows.ts";
import { type FetchContext, fetchPage } from "./fetch-page.ts";
import type { HttpSourceOptions } from "./options.ts";
import { firstRequest } from "./prepare-requests.ts";
import { parseRequest, type RequestTemplate } from "./request-template.ts";

/** A request of a remote job, with the connection or the credentials of the source. */
export interface Stage {
  readonly options: HttpSourceOptions;
  readonly request: RequestTemplate;
}

export interface StageAnswer {
  /** `undefined` for an answer without a body. */
  readonly body: VariableValue | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** The address that was asked. */
  readonly url: string;
}

export interface StageContext extends Omit<FetchContext, "options" | "format" | "rows" | "variables" | "journal"> {
  readonly secretScopes: readonly string[];
}

/** @param usual the method unless one is said @throws MillraceError `JOB_INVALID` */
export function openStage(
  http: HttpSourceOptions,
  stage: RemoteRequest,
  { usual, where, baseUrl, responses }: StageUse,
): Stage {
  const { connection, auth, origins, retry, timeout } = http;
  const options: HttpSourceOptions = {
    method: usual,
    ...withoutUndefined({ connection, auth, origins, retry, timeout }),
    ...withoutUndefined({ method: stage.method, query: stage.query, headers: stage.headers, body: stage.body }),
    url: stage.url,
    responses,
  };
  return { options, request: parseRequest(options, where, undefined, baseUrl) };
}

interface StageUse {
  readonly usual: "GET" | "POST" | "DELETE";
  /** Names the options in messages. */
  readonly where: string;
  readonly baseUrl: string | undefined;
  readonly responses: readonly ResponseRule[];
}

/**
 * @param name of the request for messages
 * @param journal where it is written down under the name, when it changes something
 * @returns `undefined` where a rule of the stage takes the answer for nothing, or a person has said that it was carried out
 */
export async function askStage(
  { options, request }: Stage,
  variables: Variables,
  name: string,
  context: StageContext,
  journal?: { readonly requests: RequestJournal; readonly entry: string },
): Promise<StageAnswer | undefined> {
  using rows = new AnswerRows();
  const { secretScopes, ...fetching } = context;
  const rendered = firstRequest(options, { request, secretScopes }, { key: "", variables });
  const format = findFileFormat("json");
  const fetched = await fetchPage(rendered, name, journal?.entry ?? name, {
    ...fetching,
    options,
    format,
    rows,
    variables,
    journal: journal?.requests,
    isStage: true,
  });
  if (fetched.outcome !== "success") return undefined;
  const { headers, url } = fetched.response;
  return { body: fetched.page.envelope, headers, url };
}

/** Takes an answer of at most 4 MiB for something that has no rows: all of it is the envelope. */
export class AnswerRows implements PageRows {
  async read({ body }: PageBody, name: string): Promise<ReadPage> {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const part of body) {
      bytes += part.length;
      if (bytes > maxBytes) throw unreadable(name, `has more than ${maxBytes / 1024 ** 2} MiB`);
      parts.push(part);
    }
    const envelope = toValue(Buffer.concat(parts), name);
    return { rows: 0, kept: 0, fingerprint: "", envelope, lastRow: undefined };
  }

  keep(): void {
    // nothing is kept of it
  }

  discard(): void {
    // nothing is kept of it
  }

  beginUnit(): () => void {
    return () => undefined;
  }

  join(): void {
    // there are no rows
  }

  tellUnits(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  finish(): ReturnType<PageRows["finish"]> {
    return Promise.resolve({ untyped: [], warnings: [] });
  }

  [Symbol.dispose](): void {
    // nothing is held
  }
}

const maxBytes = 4 * 1024 ** 2;

function toValue(bytes: Buffer, name: string): VariableValue | undefined {
  if (bytes.length === 0) return undefined;
  try {
    return parseExactJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw unreadable(name, "is not JSON");
  }
}

function unreadable(name: string, problem: string): MillraceError {
  return new MillraceError("SOURCE_UNREADABLE", `${name}: the answer ${problem}`, {
    hint: "compare the address and the answer with the documentation of the service",
  });
}

function withoutUndefined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
