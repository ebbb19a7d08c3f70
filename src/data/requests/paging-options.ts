// The specs of pagination and of rules for answers.
import { z } from "zod";
import { expecting, optional } from "../../core/spec/option-notes.ts";
import { choice, duration, integer, text } from "../../core/spec/option-values.ts";
import type { Pagination } from "./pagination.ts";
import { responseOutcomes, type ResponseRule } from "./response-rules.ts";

/** One kind, chosen by `kind`. */
export function paginationSchema(): z.ZodType<Pagination, Pagination> {
  const size = optional(integer(1)).describe("rows that are asked for, `{{page.size}}`");
  const stop = optional(stopSchema()).describe("rules that end the pages besides that of the kind");
  const merge = z
    .boolean()
    .optional()
    .describe("whether `query` is added to the address; default: it has all it needs");
  const schema = z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("none") }),
    z.strictObject({ kind: z.literal("offset"), size: integer(1), start: integer(0).optional(), stop }),
    z.strictObject({ kind: z.literal("page"), size, start: integer(0).optional(), stop }),
    z.strictObject({
      kind: z.literal("cursor"),
      path: text().optional(),
      header: text().optional(),
      lastRow: text().optional(),
      maxRow: text().optional(),
      start: text().optional(),
      end: text().optional(),
      size,
      stop,
    }),
    z.strictObject({ kind: z.literal("link"), rel: text().optional(), merge, stop }),
    z.strictObject({ kind: z.literal("nextUrl"), path: text(), merge, stop }),
    z.strictObject({ kind: z.literal("total"), path: text(), size, stop }),
    z.strictObject({
      kind: z.literal("flag"),
      path: text(),
      more: z.union([z.string(), z.boolean()]).optional(),
      size,
      stop,
    }),
  ]);
  const kinds = "`none`, `offset`, `page`, `cursor`, `link`, `nextUrl`, `total` or `flag`";
  // an option that is `undefined` was left out
  return expecting(`an object whose \`kind\` is ${kinds}`, schema as unknown as z.ZodType<Pagination, Pagination>);
}

/** What an answer has to be like, and what it means then. */
export function responseRuleSchema(): z.ZodType<ResponseRule, ResponseRule> {
  const status = expecting(
    "a status such as `404`, or `4xx`",
    z.union([integer(100, 599), z.string().regex(/^[1-5]xx$/)]),
  );
  const schema = z.strictObject({
    status: z.union([status, status.array().readonly()]).optional(),
    contentType: text().optional(),
    header: z.record(z.string(), z.union([z.string(), z.literal(true)])).optional(),
    body: predicateSchema().optional(),
    then: choice(responseOutcomes),
    pause: duration().optional(),
  });
  return schema as unknown as z.ZodType<ResponseRule, ResponseRule>;
}

function stopSchema(): z.ZodType {
  return z.strictObject({
    emptyPage: z.boolean().optional(),
    shortPage: z.boolean().optional(),
    when: predicateSchema().optional(),
    olderThan: z.strictObject({ field: text(), than: text().optional() }).optional(),
  });
}

function predicateSchema(): z.ZodType {
  const scalar = z.union([z.string(), z.number(), z.boolean()]);
  return z.strictObject({
    path: text(),
    is: z.union([scalar, scalar.array().readonly()]).optional(),
    has: text().optional(),
  });
}
