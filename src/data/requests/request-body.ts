// The body of a request as JSON or as a form. A value keeps its kind: the text `123` stays a text.
import { MillraceError } from "../../core/errors/errors.ts";
import { encodeParameter } from "./request-address.ts";
import { parseTemplate, type Template } from "./template.ts";
import { printJson } from "./value-path.ts";
import { ExactNumber, type VariableValue, type Variables } from "../../core/dataset/variables.ts";
import { findVariable, renderText } from "./variables.ts";

/** A value whose texts may have variables. */
export type TemplateValue =
  | null
  | boolean
  | number
  | string
  | readonly TemplateValue[]
  | { readonly [name: string]: TemplateValue };

/** A value whose templates are taken apart. */
export type ParsedValue =
  | { readonly kind: "constant"; readonly value: null | boolean | number }
  | { readonly kind: "template"; readonly template: Template }
  | { readonly kind: "list"; readonly items: readonly ParsedValue[] }
  | { readonly kind: "object"; readonly fields: readonly (readonly [name: string, value: ParsedValue])[] };

/** @throws MillraceError `JOB_INVALID` naming the place of what is no variable */
export function parseValue(value: TemplateValue, where: string): ParsedValue {
  if (typeof value === "string") return { kind: "template", template: parseTemplate(value, where) };
  if (typeof value !== "object" || value === null) return { kind: "constant", value };
  if (isList(value)) return { kind: "list", items: value.map((item) => parseValue(item, where)) };
  const fields = Object.entries(value).map(
    ([name, field]) => [name, parseValue(field, `\`${name}\` of ${where}`)] as const,
  );
  return { kind: "object", fields };
}

/** The templates in a value, at any depth. */
export function listTemplates(value: ParsedValue): readonly Template[] {
  switch (value.kind) {
    case "constant":
      return [];
    case "template":
      return [value.template];
    case "list":
      return value.items.flatMap(listTemplates);
    case "object":
      return value.fields.flatMap(([, field]) => listTemplates(field));
  }
}

/** JSON text. A field or an item whose optional variable is absent is left out. */
export function renderJson(value: ParsedValue, variables: Variables, where: string): string {
  const text = toJson(value, variables, where);
  if (text === undefined) throw new MillraceError("VARIABLE_UNRESOLVED", `nothing is left of ${where}`);
  return text;
}

/** A parameter of a query or a form: its name and as many texts as it is to be sent with. */
export type Parameter = readonly [name: string, texts: readonly string[]];

/** Parameters of an object; a list is a parameter that is sent several times, and one whose variable is absent is not sent. */
export function renderParameters(value: ParsedValue, variables: Variables, where: string): readonly Parameter[] {
  if (value.kind !== "object") throw new MillraceError("INTERNAL", `parameters of ${where} are no object`);
  return value.fields.map(
    ([name, field]) => [name, parameterTexts(field, variables, `\`${name}\` of ${where}`)] as const,
  );
}

/** `a=1&b=x+y`. */
export function encodeParameters(parameters: readonly Parameter[]): string {
  return parameters
    .flatMap(([name, texts]) => texts.map((text) => `${encodeParameter(name)}=${encodeParameter(text)}`))
    .join("&");
}

function parameterTexts(value: ParsedValue, variables: Variables, where: string): readonly string[] {
  switch (value.kind) {
    case "constant":
      return value.value === null ? [] : [String(value.value)];
    case "list":
      return value.items.flatMap((item) => parameterTexts(item, variables, where));
    case "object":
      throw new MillraceError(
        "JOB_INVALID",
        `expected ${where} to be a text, a number, true, false or a list of them, got an object`,
      );
    case "template": {
      const [only, ...others] = value.template;
      const whole = typeof only === "object" && others.length === 0 ? findVariable(only, variables, where) : undefined;
      if (isList(whole)) return whole.flatMap((item) => (item === null ? [] : [plainText(item, where)]));
      const text = renderText(value.template, variables, where);
      return text === undefined ? [] : [text];
    }
  }
}

function plainText(value: VariableValue, where: string): string {
  if (typeof value !== "object" || value instanceof ExactNumber) return String(value);
  throw new MillraceError(
    "VARIABLE_UNRESOLVED",
    `expected ${where} to be a list of texts or numbers, got an object in it`,
  );
}

function toJson(value: ParsedValue, variables: Variables, where: string): string | undefined {
  switch (value.kind) {
    case "constant":
      return JSON.stringify(value.value);
    case "list":
      return `[${value.items.flatMap((item) => toJson(item, variables, where) ?? []).join(",")}]`;
    case "object": {
      const fields = value.fields.flatMap(([name, field]) => {
        const text = toJson(field, variables, `\`${name}\` of ${where}`);
        return text === undefined ? [] : [`${JSON.stringify(name)}:${text}`];
      });
      return `{${fields.join(",")}}`;
    }
    case "template": {
      const [only, ...others] = value.template;
      if (typeof only === "object" && others.length === 0) {
        const found = findVariable(only, variables, where);
        return found === undefined ? undefined : printJson(found);
      }
      const text = renderText(value.template, variables, where);
      return text === undefined ? undefined : JSON.stringify(text);
    }
  }
}

function isList<Item>(value: unknown): value is readonly Item[] {
  return Array.isArray(value);
}
