// Keys that requests for rows carry, a batch at a time: a first request lists them in pages, and the one of the source asks for
// what they stand for. A key that a page gives again is asked for once.
import type { HttpRequest } from "../../../connections/http/http-request.ts";
import { labelExchanges } from "../../../core/connection/exchange.ts";
import { ExactNumber, type VariableValue, type Variables } from "../../../core/dataset/variables.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { createPaginator } from "../../requests/paginator.ts";
import { needsLedger } from "../../requests/request-journal.ts";
import { listValues, printJson } from "../../requests/value-path.ts";
import type { SourceOpening } from "../../source.ts";
import { findFileFormat } from "../format-registry.ts";
import { type FetchContext, fetchPage } from "./fetch-page.ts";
import type { KeysOptions } from "./request-options.ts";
import type { HttpSourceOptions } from "./options.ts";
import { type PreparedRequests, where as sourceWhere } from "./prepare-requests.ts";
import type { RequestTemplate } from "./request-template.ts";
import { AnswerRows, openStage } from "./stage-answer.ts";

/** The request for keys, taken apart. */
export interface KeySource {
  readonly keys: KeysOptions;
  readonly options: HttpSourceOptions;
  readonly request: RequestTemplate;
}

/** Keys of one request for rows, or what stands in the place of keys: the unit is left out. */
export type KeyBatch =
  | { readonly end: "keys"; readonly number: number; readonly variables: Variables }
  | { readonly end: "skipped" };

/** @throws MillraceError `JOB_INVALID` */
export function openKeys(http: HttpSourceOptions, baseUrl: string | undefined): KeySource | undefined {
  const { keys } = http;
  if (keys === undefined) return undefined;
  const where = "`keys` of `http` of the source";
  const { options, request } = openStage(http, keys, { usual: "GET", where, baseUrl, responses: keys.responses ?? [] });
  const { pagination } = keys;
  return { keys, request, options: pagination === undefined ? options : { ...options, pagination } };
}

/** @returns `undefined` for a source without keys @throws MillraceError `JOB_INVALID` */
export function openKeyedRequests(
  http: HttpSourceOptions,
  { reading }: Pick<SourceOpening, "reading">,
  { connection }: Pick<PreparedRequests, "connection">,
): KeySource | undefined {
  const source = openKeys(http, connection?.baseUrl);
  if (source === undefined) return undefined;
  const { ledger, ...others } = http;
  const isWritten =
    ledger !== false && needsLedger(ledger === undefined ? others : { ...others, ledger }, reading.effect);
  if (isWritten) {
    throw new MillraceError(
      "JOB_INVALID",
      `${sourceWhere} has \`keys\`, and its requests would be written to the ledger`,
      {
        hint: 'requests that carry keys only read: say so by `purpose: "extraction"`, or by `retry: { resend: true }`',
      },
    );
  }
  if (reading.units?.some(({ variables }) => "keys" in variables) === true) {
    throw new MillraceError("JOB_INVALID", "an input of the job is named `keys`, as the variables of listed keys are", {
      hint: "give the input another name",
    });
  }
  return source;
}

/** The first request of a unit, as a run would send it. @throws MillraceError `VARIABLE_UNRESOLVED` */
export function firstKeyRequest(
  { options, request }: KeySource,
  variables: Variables,
  secretScopes: readonly string[],
): HttpRequest {
  return request.render({ page: createPaginator(options.pagination ?? none).first(), variables, secretScopes });
}

export interface KeyReading extends Omit<FetchContext, "options" | "rows" | "format" | "journal"> {
  readonly secretScopes: readonly string[];
  readonly unit: string;
  readonly operation: (text: string) => void;
}

/**
 * The keys of a unit in batches, each as soon as it is full.
 * @param prefix of the names of pages
 * @throws MillraceError naming the page of keys
 */
export async function* readKeyBatches(
  source: KeySource,
  prefix: string,
  reading: KeyReading,
): AsyncGenerator<KeyBatch> {
  const { batch: size = 100 } = source.keys;
  const seen = new Set<string>();
  let waiting: VariableValue[] = [];
  let number = 0;
  const take = (count: number): KeyBatch => {
    const values = waiting.slice(0, count);
    waiting = waiting.slice(count);
    number += 1;
    return { end: "keys", number, variables: { values, number, count: values.length } };
  };
  for await (const page of readKeyPages(source, prefix, reading)) {
    if (page === "skipped") return yield { end: "skipped" };
    for (const key of page) {
      const text = printJson(key);
      if (!seen.has(text)) waiting.push(key);
      seen.add(text);
    }
    while (waiting.length >= size) yield take(size);
  }
  if (waiting.length > 0) yield take(size);
}

async function* readKeyPages(
  { keys, options, request }: KeySource,
  prefix: string,
  { secretScopes, unit, operation, ...fetching }: KeyReading,
): AsyncGenerator<readonly VariableValue[] | "skipped"> {
  const { origins } = options;
  const paginator = createPaginator(options.pagination ?? none, origins === undefined ? {} : { origins });
  const { variables } = fetching;
  using rows = new AnswerRows();
  for (let page = paginator.first(); ;) {
    const name = `${prefix}page ${page.number} of keys`;
    operation(`reading ${name}`);
    const observer = labelExchanges(fetching.observer, { page: page.number, ...(unit === "" ? {} : { unit }) });
    const rendered = request.render({ page, variables, secretScopes });
    const format = findFileFormat("json");
    const context = { ...fetching, observer, options, rows, format, journal: undefined, isStage: true };
    const fetched = await fetchPage(rendered, name, name, context);
    if (fetched.outcome === "skipUnit") return yield "skipped";
    if (fetched.outcome !== "success") return;
    const { envelope } = fetched.page;
    const found = findKeys(envelope, keys.path, name);
    yield found;
    const fingerprint = found.map(printJson).join(",");
    const { response } = fetched;
    const url = new URL(response.url);
    const next = paginator.next({ head: response, url, envelope, rows: found.length, fingerprint });
    if (next === undefined) return;
    page = next;
  }
}

const none = { kind: "none" } as const;

function findKeys(answer: VariableValue | undefined, path: string, name: string): readonly VariableValue[] {
  const found = listValues(answer, path);
  const isKey = (value: VariableValue): boolean => typeof value !== "object" || value instanceof ExactNumber;
  if (found !== undefined && found.every(isKey)) return found;
  const message = `${name}: expected texts or numbers at \`${path}\`, got: ${found === undefined ? "nothing, or null" : "objects"}`;
  throw new MillraceError("SOURCE_UNREADABLE", message, {
    hint: "compare `keys.path` with an answer of the service; `issues.*.id` is the field `id` of each item of `issues`",
  });
}
