// A form for the params of a job, from their JSON Schema: which fields there are, and params from what a person typed. The
// server checks again; messages here only come earlier. What has no simple field is edited as JSON.
import { type JsonValue } from "../../api/page.ts";

export type FieldKind = "text" | "integer" | "number" | "boolean" | "choice" | "date" | "datetime" | "list" | "json";

export interface ParamField {
  readonly name: string;
  readonly kind: FieldKind;
  readonly description: string | null;
  readonly isRequired: boolean;
  /** As text of the field. */
  readonly initial: string;
  /** The values of a choice, as JSON text. */
  readonly choices: readonly string[];
  readonly schema: SchemaObject;
}

export type SchemaObject = Readonly<Record<string, JsonValue>>;

/** Text by name of field. */
export type ParamsDraft = Readonly<Record<string, string>>;

/** Fields of an object schema; null when only JSON can state the params. */
export function toParamFields(schema: JsonValue): readonly ParamField[] | null {
  const root = asObject(schema);
  if (root === null || root["type"] !== "object") return null;
  if (asObject(root["additionalProperties"] ?? null) !== null) return null;
  const properties = asObject(root["properties"] ?? null) ?? {};
  const required = Array.isArray(root["required"]) ? root["required"] : [];
  return Object.entries(properties).map(([name, property]) =>
    toField(name, asObject(property) ?? {}, required.includes(name)),
  );
}

/** The draft that the form begins with: defaults of the schema, over them `params` of an earlier run. */
export function initialDraft(fields: readonly ParamField[], params: JsonValue = null): ParamsDraft {
  const given = asObject(params);
  return Object.fromEntries(
    fields.map((field) => {
      const value = given !== null && Object.hasOwn(given, field.name) ? given[field.name] : undefined;
      return [field.name, value === undefined ? field.initial : toText(field.kind, value)];
    }),
  );
}

function toField(name: string, schema: SchemaObject, isRequired: boolean): ParamField {
  const unwrapped = unwrapNullable(schema);
  const kind = kindOf(unwrapped);
  const preset = schema["default"];
  return {
    name,
    kind,
    description: typeof schema["description"] === "string" ? schema["description"] : null,
    isRequired: isRequired && preset === undefined,
    initial: preset === undefined ? "" : toText(kind, preset),
    choices: choicesOf(unwrapped).map((choice) => JSON.stringify(choice)),
    schema: unwrapped,
  };
}

function kindOf(schema: SchemaObject): FieldKind {
  if (choicesOf(schema).length > 0) return "choice";
  switch (schema["type"]) {
    case "string":
      return schema["format"] === "date" ? "date" : schema["format"] === "date-time" ? "datetime" : "text";
    case "integer":
      return "integer";
    case "number":
      return "number";
    case "boolean":
      return "boolean";
    case "array":
      return asObject(schema["items"] ?? null)?.["type"] === "string" ? "list" : "json";
    default:
      return "json";
  }
}

// `anyOf: [X, null]` is X that may be left out.
function unwrapNullable(schema: SchemaObject): SchemaObject {
  const options = Array.isArray(schema["anyOf"]) ? schema["anyOf"].map((option) => asObject(option) ?? {}) : [];
  const others = options.filter((option) => option["type"] !== "null");
  const [only] = others;
  return options.length > others.length && others.length === 1 && only !== undefined ? only : schema;
}

function choicesOf(schema: SchemaObject): readonly JsonValue[] {
  if (Array.isArray(schema["enum"])) return schema["enum"];
  return Object.hasOwn(schema, "const") ? [schema["const"] ?? null] : [];
}

function toText(kind: FieldKind, value: JsonValue): string {
  if (kind === "choice") return JSON.stringify(value);
  if (kind === "list" && Array.isArray(value)) return value.join("\n");
  if (kind === "json") return JSON.stringify(value, null, 2);
  return value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
}

function asObject(value: JsonValue | undefined): SchemaObject | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as SchemaObject) : null;
}
