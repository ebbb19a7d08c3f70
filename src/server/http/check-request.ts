// A request against the schemas of its route: what is missing, unknown, too long or of the wrong kind is named.
import type { z } from "zod";
import { MillraceError } from "../../core/errors/errors.ts";
import { assertClean } from "./json-body.ts";

/** Schemas of the parts that a route takes. */
export interface InputSchemas {
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
}

export interface RequestInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** The checked parts; `undefined` for those that the route does not have. @throws MillraceError `REQUEST_INVALID` with `issues` */
export function checkRequest(schemas: InputSchemas, input: RequestInput): RequestInput {
  assertClean(input.params);
  assertClean(input.query);
  const params = checkPart("path", schemas.params, input.params ?? {});
  const query = checkPart("query", schemas.query, { ...Object(input.query) });
  const body = checkPart("body", schemas.body, input.body ?? {});
  const issues = [...params.issues, ...query.issues, ...body.issues];
  if (issues.length === 0) return { params: params.value, query: query.value, body: body.value };
  const [first] = issues;
  throw new MillraceError("REQUEST_INVALID", `${first?.path}: ${first?.message}`, { details: { issues } });
}

interface Issue {
  readonly path: string;
  readonly message: string;
}

interface CheckedPart {
  readonly value: unknown;
  readonly issues: readonly Issue[];
}

function checkPart(part: "path" | "query" | "body", schema: z.ZodType | undefined, value: object): CheckedPart {
  if (schema === undefined) {
    return {
      value: undefined,
      issues: Object.keys(value).map((key) => ({ path: `${part}.${key}`, message: "not known here" })),
    };
  }
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data, issues: [] };
  return {
    value: undefined,
    issues: result.error.issues.flatMap((issue) => {
      if (issue.code === "unrecognized_keys") {
        return issue.keys.map((key) => ({ path: pathOf(part, [...issue.path, key]), message: "not known here" }));
      }
      return [{ path: pathOf(part, issue.path), message: lowerFirst(issue.message) }];
    }),
  };
}

function pathOf(part: string, path: readonly PropertyKey[]): string {
  return [part, ...path.map(String)].join(".");
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
