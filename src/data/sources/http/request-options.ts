// What is said of one request, and of those of a remote job: work that a service is asked to begin, and has rows of when it is done.
import { z } from "zod";
import { expecting, optional } from "../../../core/spec/option-notes.ts";
import { choice, integer, text, texts } from "../../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";
import type { Pagination } from "../../requests/pagination.ts";
import { paginationSchema, responseRuleSchema } from "../../requests/paging-options.ts";
import type { TemplateValue } from "../../requests/request-body.ts";
import type { ResponseRule } from "../../requests/response-rules.ts";
import type { SentFileOptions } from "../../requests/sent-files.ts";

/** Exactly one kind. */
export interface HttpSourceBody {
  readonly json?: TemplateValue;
  readonly form?: Readonly<Record<string, TemplateValue>>;
  readonly text?: string;
  readonly multipart?: readonly HttpSourcePart[];
  /** The bytes of a file. */
  readonly file?: SentFileOptions;
}

/** A part of a multipart form. */
export interface HttpSourcePart {
  readonly name: string;
  /** Exactly one of `text` and `file`. */
  readonly text?: string;
  readonly file?: SentFileOptions;
  /** Makes the part a file. Default: none for a text, the name of a `file`. */
  readonly fileName?: string;
  /** Default: none for a text, `application/octet-stream` for a file. */
  readonly contentType?: string;
}

type Values = Readonly<Record<string, TemplateValue>>;

/** Values of parameters and fields. */
export const values = (): z.ZodType<Values, Values> =>
  expecting(
    "an object of texts, numbers, true, false or lists of them",
    // what is below is looked at when the request is taken apart
    z.record(z.string(), z.unknown()) as unknown as z.ZodType<Values, Values>,
  );

export const bodySpec: Spec<HttpSourceBody> = defineSpec<HttpSourceBody>()(() => ({
  json: optional(expecting("JSON", z.unknown() as unknown as z.ZodType<TemplateValue, TemplateValue>)).describe(
    "sent as JSON; a text that is one variable alone becomes its value, of whatever kind",
  ),
  form: optional(values()).describe("sent as a form"),
  text: optional(z.string()).describe("sent as it is, with the `content-type` of `headers`"),
  multipart: optional(
    expecting("a list of parts, `{ name, text }` or `{ name, file }`", partSpec.schema.array().min(1).readonly()),
  ).describe(
    "parts of a form, each a text or a file; a text with `fileName`, and perhaps a `contentType`, is sent as a file, too",
  ),
  file: optional(sentFileSpec.schema).describe(
    "the bytes of a file, as `application/octet-stream` unless `headers` have a `content-type`; `{{upload.md5}}` and the like say what it is",
  ),
}));

/** In the order in which requests have them. */
export function listSentFiles({ file, multipart = [] }: HttpSourceBody = {}): readonly SentFileOptions[] {
  return [file, ...multipart.map((part) => part.file)].filter((one) => one !== undefined);
}

const sentFileSpec: Spec<SentFileOptions> = defineSpec<SentFileOptions>()(() => ({
  path: text("a path").describe("one file; relative paths belong to the project"),
  connection: optional(text("the name of a connection"), "this machine").describe(
    "where it is: a connection of the kind `s3`, `sftp` or `webhdfs`",
  ),
}));

const partSpec: Spec<HttpSourcePart> = defineSpec<HttpSourcePart>()(() => ({
  name: text("a name").describe("the field"),
  text: optional(z.string()).describe("its content"),
  file: optional(sentFileSpec.schema).describe("the file whose bytes are its content"),
  fileName: optional(text("a name")).describe("makes the part a file"),
  contentType: optional(text("a content type")).describe("of the part"),
}));

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** A remote job: a service is asked to work on something, and has the rows when it is done. */
export interface RemoteOptions {
  readonly create: RemoteCreateOptions;
  readonly status: RemoteStatusOptions;
  /** Where the status has the addresses of the results, which are `{{remote.result}}`. Default: the request of the source is sent once. */
  readonly results?: string;
  readonly cleanup?: RemoteRequest;
  /** Jobs of a run that the service works on at once. Default: as many as there are units. */
  readonly limit?: number;
}

/** A request beside that of the source, with the same connection or credentials. */
export interface RemoteRequest {
  readonly url: string;
  readonly method?: (typeof methods)[number];
  readonly query?: Readonly<Record<string, TemplateValue>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: HttpSourceBody;
}

export interface RemoteCreateOptions extends RemoteRequest {
  /** Where the answer has what identifies the job, `{{remote.id}}`. Default: the field `id`. */
  readonly id?: RemoteIdOptions;
}

/** Exactly one of `path` and `header`. */
export interface RemoteIdOptions {
  readonly path?: string;
  readonly header?: string;
  /** A pattern whose first group is the identifier. */
  readonly match?: string;
}

export interface RemoteStatusOptions extends RemoteRequest {
  readonly path: string;
  readonly is: string | readonly string[];
  readonly failed?: string | readonly string[];
  /** Values of a job that is gone, as the statuses 404 and 410 are. */
  readonly expired?: string | readonly string[];
  /** Where the answer says why a job has failed. */
  readonly message?: string;
}

/** @param usual the method of the stage */
function requestSpec(usual: (typeof methods)[number]): Spec<RemoteRequest> {
  return defineSpec<RemoteRequest>()(() => ({
    url: text("an address").describe("the address"),
    method: choice(methods).default(usual).describe("the method"),
    query: optional(values()).describe("parameters that are added to the address"),
    headers: optional(expecting("an object of texts", z.record(z.string(), z.string()))).describe("headers"),
    body: optional(bodySpec.schema).describe("the body, as that of the source"),
  }));
}

const idSpec: Spec<RemoteIdOptions> = defineSpec<RemoteIdOptions>()(() => ({
  path: optional(text("a path")).describe("a field of the answer"),
  header: optional(text("a header")).describe("a header of the answer"),
  match: optional(text("a pattern")).describe(
    "a pattern whose first group is the identifier, such as `/syncs/([0-9]+)$`",
  ),
}));

type StatusFields = Omit<RemoteStatusOptions, keyof RemoteRequest>;

const createSpec: Spec<RemoteCreateOptions> = defineSpec<Pick<RemoteCreateOptions, "id">, RemoteRequest>(
  requestSpec("POST"),
)(() => ({
  id: optional(idSpec.schema, "the field `id`").describe(
    "where the answer has what identifies the job: one of `path` and `header`, and perhaps a `match`",
  ),
}));

const state = (): z.ZodType<string | readonly string[], string | readonly string[]> =>
  z.union([text(), texts("values")]);

const statusSpec: Spec<RemoteStatusOptions> = defineSpec<StatusFields, RemoteRequest>(requestSpec("GET"))(() => ({
  path: text("a path").describe("the field of the answer that tells, such as `job.state`"),
  is: state().describe("its values when the job is done"),
  failed: optional(state()).describe("its values when the job has failed"),
  expired: optional(state(), "the statuses 404 and 410").describe("its values when the job is gone"),
  message: optional(text("a path")).describe("the field that says why a job has failed"),
}));

export const remoteSpec: Spec<RemoteOptions> = defineSpec<RemoteOptions>()(() => ({
  create: createSpec.schema.describe("the request that begins the job, once for each unit of a run"),
  status: statusSpec.schema.describe("the request that asks how the job is, and which answers mean what"),
  results: optional(text("a path"), "the request of the source is sent once").describe(
    "where the status has one address or several, `files.*.url`",
  ),
  cleanup: optional(requestSpec("DELETE").schema, "the job stays").describe(
    "the request that takes the job away when its rows are published, or the run has failed for good",
  ),
  limit: optional(integer(1, 1_000), "as many as there are units").describe(
    "jobs of a run that the service works on at once",
  ),
}));

/** A request that lists keys, with the same connection or credentials; that of the source carries them as `{{keys.values}}`. */
export interface KeysOptions extends RemoteRequest {
  /** Default: one answer has all keys. */
  readonly pagination?: Pagination;
  /** Where an answer has the keys, `issues.*.id`. */
  readonly path: string;
  /** Keys that one request carries. Default 100. */
  readonly batch?: number;
  readonly responses?: readonly ResponseRule[];
}

export const keysSpec: Spec<KeysOptions> = defineSpec<KeysOptions>()(() => ({
  url: text("an address").describe("the address of the list"),
  method: choice(["GET", "POST", "PUT", "PATCH", "DELETE"]).default("GET").describe("the method"),
  query: optional(values()).describe("parameters that are added to the address"),
  headers: optional(expecting("an object of texts", z.record(z.string(), z.string()))).describe("headers"),
  body: optional(bodySpec.schema).describe("the body, as that of the source, without a file"),
  pagination: optional(paginationSchema(), "one answer has all keys").describe(
    "how the service gives its keys in pages",
  ),
  path: text("a path").describe("where an answer has the keys, `issues.*.id`"),
  batch: integer(1, 10_000).default(100).describe("keys that one request of the source carries"),
  responses: optional(expecting("a list of rules", responseRuleSchema().array().readonly()), "those of pages").describe(
    "what answers mean, asked before the defaults",
  ),
}));
