// What a job says of a service as its source.
import { z } from "zod";
import type { Duration } from "../../../core/duration.ts";
import { expecting, optional } from "../../../core/spec/option-notes.ts";
import { choice, duration, integer, text, texts } from "../../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";
import type { Pagination } from "../../requests/pagination.ts";
import type { LedgerOptions } from "../../requests/request-journal.ts";
import type { TemplateValue } from "../../requests/request-body.ts";
import type { ResponseRule } from "../../requests/response-rules.ts";
import { type FileReadingOptions, fileReadingSpec } from "../file-reading-options.ts";
import { type FileFormatName, formatNames, type NamedFormat } from "../format-registry.ts";
import {
  bodySpec,
  type HttpSourceBody,
  type KeysOptions,
  keysSpec,
  type RemoteOptions,
  remoteSpec,
  values,
} from "./request-options.ts";
import { paginationSchema, responseRuleSchema } from "../../requests/paging-options.ts";

/** Rows that a service gives in answer to requests. Texts may have variables, `{{window.from}}`. */
export interface HttpSource {
  readonly http: HttpSourceOptions;
}

export interface HttpSourceOptions {
  readonly url: string;
  /** Default `GET`. */
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly query?: Readonly<Record<string, TemplateValue>>;
  /** What differs while there is no `{{watermark}}`: in the first run of a unit, and when all is read again. */
  readonly first?: HttpFirstOptions;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: HttpSourceBody;
  /** Name of a connection, which has the credentials and keeps to the limits of the service. */
  readonly connection?: string;
  /** Points of a request, where the connection counts them. Default: what it says of each. */
  readonly cost?: number;
  readonly auth?: HttpSourceAuth;
  /** Default: one answer has all rows. */
  readonly pagination?: Pagination;
  readonly read?: HttpReadOptions;
  readonly responses?: readonly ResponseRule[];
  readonly ready?: HttpReadyOptions;
  /** Work that the service does for each unit before there are rows. Default: none. */
  readonly remote?: RemoteOptions;
  /** Keys that are listed first, and carried by the requests for rows, a batch at a time. Default: none. */
  readonly keys?: KeysOptions;
  /** Origins besides that of `url` that pages and redirects may lead to. */
  readonly origins?: readonly string[];
  readonly retry?: HttpRetryOptions;
  /**
   * Whether pages of units that an earlier attempt of the run has got are taken from the kept answers of the connection, without asking,
   * so that a run whose process died goes on where it was. Default false: what has changed meanwhile is wanted.
   */
  readonly resume?: boolean;
  /** How requests that change something are written down before they are sent. Default: those that do, by method and purpose. */
  readonly ledger?: LedgerOptions | false;
  /** Default `60s`. */
  readonly timeout?: Duration;
}

/** A service that is read in one order at first, and in another one when only what is new is wanted. */
export interface HttpFirstOptions {
  /** Parameters in the place of those of `query` with the same names. */
  readonly query: Readonly<Record<string, TemplateValue>>;
}

/** Exactly one kind. */
export interface HttpSourceAuth {
  readonly bearer?: string;
  readonly basic?: { readonly user: string; readonly password: string };
  /** In a header or in a parameter of the query. */
  readonly apiKey?: { readonly header?: string; readonly query?: string; readonly value: string };
}

/** How rows are read from answers; what concerns files as such is as in a source of files. */
export interface HttpReadOptions extends OwnReadOptions, FileReadingOptions {}

interface OwnReadOptions {
  /** Default `json`. */
  readonly format?: FileFormatName;
  readonly rows?: string | readonly string[];
  /** What it means when `rows` is not there. Default `fail`. */
  readonly missing?: "fail" | "empty";
  readonly keyColumn?: string;
  readonly total?: string;
  readonly contentTypes?: readonly string[];
  /** Column → header of the answer, `x-id?` for one that may be absent. An answer without a body is a row of these. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Column → path to a field that the answer has beside its rows, `meta.id?` for one that may be absent. */
  readonly envelope?: Readonly<Record<string, string>>;
  /** Column → a text with variables of the request. */
  readonly values?: Readonly<Record<string, TemplateValue>>;
  /** Column → its SQL type, for columns that are there also when no row has them. */
  readonly columns?: Readonly<Record<string, string>>;
}

/** For a service that works on something: when it is done, which a field of the answer says. */
export interface HttpReadyOptions {
  readonly path: string;
  readonly is: string | readonly string[];
  readonly failed?: string | readonly string[];
}

export interface HttpRetryOptions {
  /** Tries of a request, the first one included. Default 5. */
  readonly attempts?: number;
  /** Before the second try; twice as long before each further one. Default `1s`. */
  readonly wait?: Duration;
  /** Whether a request may be sent again when nobody knows what became of it. Default: unless it is a POST or PATCH. */
  readonly resend?: boolean;
}

/** Whether each answer is a file, and not something with rows in it and more beside them. */
export function isFilePages({ format, variant }: NamedFormat, { codec, encoding }: HttpReadOptions = {}): boolean {
  return format.pages?.variants.includes(variant) !== true || codec !== undefined || encoding !== undefined;
}

export const httpSourceSpec: Spec<Partial<HttpSource>> = defineSpec<Partial<HttpSource>>()(() => ({
  http: optional(httpSpec.schema).describe("a service that gives rows in answer to requests"),
}));

const named = (texts: string): z.ZodRecord<z.ZodString, z.ZodString> =>
  expecting(`an object of ${texts} by columns`, z.record(z.string().min(1), z.string().min(1)));

export const httpSpec: Spec<HttpSourceOptions> = defineSpec<HttpSourceOptions>()(() => ({
  url: text("an address").describe("the address; values of variables are encoded where they stand"),
  method: choice(["GET", "POST", "PUT", "PATCH", "DELETE"]).default("GET").describe("the method of the request"),
  query: optional(values()).describe(
    "parameters that are added to the address; one whose optional variable is absent is left out",
  ),
  first: optional(z.strictObject({ query: values() }), "as every other").describe(
    "what differs while there is no `{{watermark}}`, in the first run of a unit and when all is read again: parameters of `query`",
  ),
  headers: optional(expecting("an object of texts", z.record(z.string(), z.string()))).describe(
    "headers; one whose optional variable is absent is left out",
  ),
  body: optional(bodySpec.schema).describe("the body: exactly one of `json`, `form`, `text`, `multipart` and `file`"),
  connection: optional(text("the name of a connection")).describe(
    "the connection that requests go through: it has the credentials, renews them, and keeps to the limits of the service; `url` may then begin with `/`",
  ),
  cost: optional(integer(0, 50_000_000), "what the connection says of each").describe(
    "points that each request costs, where the connection has `limits.points`",
  ),
  auth: optional(authSpec.schema).describe(
    "who asks: exactly one of `bearer`, `basic` and `apiKey`; its values are in no message",
  ),
  pagination: optional(paginationSchema(), "one answer has all rows").describe(
    "how the service gives its rows in pages",
  ),
  read: optional(readSpec.schema, "the answer is a JSON list of rows").describe("how rows are read from answers"),
  responses: optional(expecting("a list of rules", responseRuleSchema().array().readonly()), "those below").describe(
    "what answers mean, asked before the defaults",
  ),
  ready: optional(readySpec.schema, "every answer is").describe(
    "when a service that works on something is done; until then nothing is published, and the job waits as its `wait` says",
  ),
  remote: optional(remoteSpec.schema).describe(
    "work that the service does for each unit before there are rows: `create`, `status`, `results`, `cleanup`, `limit`",
  ),
  keys: optional(keysSpec.schema).describe(
    "a request that lists keys for each unit before there are rows: the request of the source carries them as `{{keys.values}}`, a batch at a time",
  ),
  origins: optional(texts("origins such as `https://files.example.com`")).describe(
    "origins besides that of `url` that pages and redirects may lead to",
  ),
  retry: optional(retrySpec.schema, "5 tries").describe("how a request is tried again"),
  resume: z
    .boolean()
    .default(false)
    .describe(
      "whether pages of units that an earlier attempt of the run has got are taken from the answers that the connection keeps (`cache`), without asking again",
    ),
  ledger: optional(
    expecting("an object, or false", z.union([z.literal(false), ledgerSpec.schema])),
    "for POST and PATCH, and by the purpose of the job",
  ).describe("how requests that change something are written down before they are sent"),
  timeout: duration().default("60s").describe("longest time without a byte of the answer"),
}));

const authSpec: Spec<HttpSourceAuth> = defineSpec<HttpSourceAuth>()(() => ({
  bearer: optional(text()).describe("a token for `authorization: Bearer …`"),
  basic: optional(z.strictObject({ user: text(), password: z.string() })).describe("user and password"),
  apiKey: optional(z.strictObject({ header: text().optional(), query: text().optional(), value: text() })).describe(
    "a key in the header, or the parameter, of that name",
  ),
}));

const readSpec: Spec<HttpReadOptions> = defineSpec<OwnReadOptions, Omit<FileReadingOptions, "format">>(fileReadingSpec)(
  () => ({
    format: choice(formatNames).default("json").describe("the format of answers"),
    rows: optional(z.union([text("a path"), texts("names")]), "the answer is a list of rows").describe(
      "where the rows are in JSON: `data.*.items`, where `*` is every field or item; `.` when the answer is one row; a list of names when one has a dot",
    ),
    missing: choice(["fail", "empty"])
      .default("fail")
      .describe("what it means when `rows` is not there; null is an error always"),
    keyColumn: optional(text()).describe("a column for the name of the field that `*` at the end of `rows` stands for"),
    total: optional(text()).describe("where an answer says how many rows there are, which as many have to come as"),
    contentTypes: optional(texts("content types")).describe("content types that are taken besides those of the format"),
    headers: optional(named("headers")).describe(
      'columns out of headers of the answer, `{ id: "x-id" }`; an answer without a body is a row of these; `x-id?` may be absent',
    ),
    envelope: optional(named("paths")).describe(
      'columns out of what the answer has beside its rows, `{ request: "meta.id" }`; `meta.id?` may be absent',
    ),
    values: optional(values()).describe('columns out of the request, `{ batch: "{{payload.number}}" }`'),
    columns: optional(named("SQL types")).describe(
      'columns that are there also when no row has them, `{ code: "VARCHAR" }`',
    ),
  }),
);

const readySpec: Spec<HttpReadyOptions> = defineSpec<HttpReadyOptions>()(() => ({
  path: text("a path").describe("the field of the answer that tells, such as `job.state`"),
  is: z.union([text(), texts("values")]).describe("its values when the service is done"),
  failed: optional(z.union([text(), texts("values")])).describe(
    "its values when the service has failed, which ends the run",
  ),
}));

const retrySpec: Spec<HttpRetryOptions> = defineSpec<HttpRetryOptions>()(() => ({
  attempts: integer(1, 20).default(5).describe("tries of a request, the first one included"),
  wait: duration().default("1s").describe("before the second try; twice as long before each further one"),
  resend: optional(z.boolean(), "unless it is a POST or PATCH").describe(
    "whether a request may be sent again when nobody knows what became of it",
  ),
}));

const ledgerSpec: Spec<LedgerOptions> = defineSpec<LedgerOptions>()(() => ({
  key: optional(
    expecting("the name of a header, or false", z.union([z.literal(false), z.string().regex(/^[A-Za-z][\w-]*$/)])),
    "`Idempotency-Key`",
  ).describe("the header for the idempotency key; a name says that the service knows such keys, false sends none"),
  unknown: optional(choice(["ask", "resend"]), "`resend` with a named `key`, else `ask`").describe(
    "what to do with a request that may have been carried out: `ask` a person, or send it again with the same key",
  ),
}));
