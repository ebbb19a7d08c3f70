// The values that variables of requests stand for. A variable that is required and has no value fails before anything is sent.
import { ExactNumber, type VariableValue, type Variables } from "../../core/dataset/variables.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { suggest } from "../../core/errors/suggest.ts";
import { printVariable, type Template, type TemplateVariable } from "./template.ts";

/**
 * The value of a variable. `null` counts as absent: no service is asked for the text `null`.
 * @returns `undefined` for an optional variable that is absent
 * @throws MillraceError `VARIABLE_UNRESOLVED` for a required one
 */
export function findVariable(
  variable: TemplateVariable,
  variables: Variables,
  where: string,
): Exclude<VariableValue, null> | undefined {
  let value: VariableValue | undefined = variables;
  let known: readonly string[] = [];
  for (const name of variable.path) {
    if (!isObject(value)) {
      value = undefined;
      break;
    }
    known = Object.keys(value);
    value = Object.hasOwn(value, name) ? value[name] : undefined;
  }
  if (value !== undefined && value !== null) return value;
  if (variable.isOptional) return undefined;
  throw unresolved(variable, known, where);
}

/**
 * A template as text, `undefined` when an optional variable in it is absent.
 * @param encode of each value; texts around it stay as they are
 */
export function renderText(
  template: Template,
  variables: Variables,
  where: string,
  encode: (text: string, variable: TemplateVariable) => string = (text) => text,
): string | undefined {
  let text = "";
  for (const part of template) {
    if (typeof part === "string") {
      text += part;
      continue;
    }
    const value = findVariable(part, variables, where);
    if (value === undefined) return undefined;
    text += encode(toText(value, part, where), part);
  }
  return text;
}

function toText(value: Exclude<VariableValue, null>, variable: TemplateVariable, where: string): string {
  if (typeof value !== "object" || value instanceof ExactNumber) return String(value);
  const kind = Array.isArray(value) ? "a list" : "an object";
  throw new MillraceError(
    "VARIABLE_UNRESOLVED",
    `expected variable \`${printVariable(variable)}\` in ${where} to be a text, a number or true or false, got: ${kind}`,
    {
      hint: "a list or an object can only be the whole value of a field of a JSON body, and a list of paths the whole `path` of files",
    },
  );
}

function unresolved(variable: TemplateVariable, known: readonly string[], where: string): MillraceError {
  const name = variable.path.at(-1) ?? "";
  return new MillraceError(
    "VARIABLE_UNRESOLVED",
    `variable \`${printVariable(variable)}\` in ${where} has no value${suggest(name, known)}`,
    { hint: `write \`{{${variable.path.join(".")}?}}\` if what it stands in may be left out` },
  );
}

function isObject(value: VariableValue | undefined): value is Readonly<Record<string, VariableValue | undefined>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}
