// Values that are bound to a query. They may have variables; the query itself has none, so that no value becomes part of it.
import type { Variables } from "../../../core/dataset/variables.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { type OptionPath, refusal } from "../../../core/spec/parse-options.ts";
import { listVariables, parseTemplate } from "../../requests/template.ts";
import { findVariable, renderText } from "../../requests/variables.ts";

/** A value of a definition. */
export type SqlParam = string | number | boolean | null;

/** A value as a driver gets it. */
export type BoundValue = SqlParam | bigint;

/** Whether values have variables, so that the source is read in units. */
export function hasVariables(params: readonly SqlParam[] = []): boolean {
  return params.some((param) => typeof param === "string" && listVariables(parseTemplate(param, where)).length > 0);
}

/**
 * Values for one unit. One that is nothing but a variable keeps its type; an optional one that is absent is NULL.
 * @throws MillraceError `VARIABLE_UNRESOLVED`
 */
export function bindParams(params: readonly SqlParam[], variables: Variables): readonly BoundValue[] {
  return params.map((param) => {
    if (typeof param !== "string") return param;
    const template = parseTemplate(param, where);
    const [only, ...others] = template;
    if (only === undefined || typeof only === "string" || others.length > 0) {
      return renderText(template, variables, where) ?? null;
    }
    const value = findVariable(only, variables, where) ?? null;
    if (typeof value !== "object" || value === null) return value;
    throw new MillraceError(
      "VARIABLE_UNRESOLVED",
      `a variable of ${where} is a list or an object, which cannot be bound`,
      {
        hint: "name one of its fields",
      },
    );
  });
}

const where = "`params` of `sql`";

interface BoundTexts {
  readonly query?: string;
  readonly table?: string;
  readonly params?: readonly SqlParam[];
}

/** @param path to the options, below `place` @throws MillraceError `JOB_INVALID` for variables that would not be bound */
export function assertBound(place: string, path: OptionPath, { query, table, params = [] }: BoundTexts): void {
  for (const [option, text] of Object.entries({ query, table })) {
    if (text?.includes("{{") !== true) continue;
    throw refusal(place, [...path, option], "a text without `{{…}}`", text, {
      hint: 'bind the variable: `params: ["{{watermark}}"]`, and `$1` (in MySQL `?`) in the query',
    });
  }
  hasVariables(params);
}
