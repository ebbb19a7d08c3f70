// What is said of keys: a request that lists them in pages, and in how large batches the request of the source carries them.
import { z } from "zod";
import { expecting, optional } from "../../core/spec/option-notes.ts";
import { choice, integer, text } from "../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import type { Pagination } from "./pagination.ts";
import type { ResponseRule } from "./response-rules.ts";
import { paginationSchema, responseRuleSchema } from "../sources/http/paging-options.ts";
import { bodySpec, type RemoteRequest, values } from "../sources/http/request-options.ts";

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
