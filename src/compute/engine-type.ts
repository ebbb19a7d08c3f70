// The engine's types as trees: the one place that reads and prints their text, e.g. `STRUCT(a INTEGER, "b c" DECIMAL(18,2)[])`.
// One type has many spellings; two texts are never compared, only what they mean.
import { MillraceError } from "../core/errors/errors.ts";
import { quoteIdentifier } from "./engine.ts";

export type EngineType =
  | { readonly kind: "scalar"; readonly name: string; readonly arguments: readonly string[] }
  /** An array of a fixed length has `length`. */
  | { readonly kind: "list"; readonly element: EngineType; readonly length?: string }
  | { readonly kind: "struct" | "union"; readonly fields: readonly EngineField[] }
  | { readonly kind: "map"; readonly key: EngineType; readonly value: EngineType };

export type EngineScalar = Extract<EngineType, { kind: "scalar" }>;

/** `name` is absent in the result of `row(1, 2)`. */
export interface EngineField {
  readonly name?: string;
  readonly type: EngineType;
}

/** The type of a column of nothing but `null`, as the engine prints it. */
export const untyped = '"NULL"';

/** @throws MillraceError `VALUE_INVALID` for text that is no type */
export function parseEngineType(text: string): EngineType {
  const reader = new TypeReader(text);
  const type = reader.readType();
  reader.expectEnd();
  return type;
}

/** The canonical text: names of types in upper case, aliases replaced, every field name quoted. */
export function printEngineType(type: EngineType): string {
  switch (type.kind) {
    case "list":
      return `${printEngineType(type.element)}[${type.length ?? ""}]`;
    case "map":
      return `MAP(${printEngineType(type.key)}, ${printEngineType(type.value)})`;
    case "struct":
    case "union":
      return `${type.kind.toUpperCase()}(${type.fields.map(printField).join(", ")})`;
    case "scalar": {
      const isPlain = /^[A-Z][A-Z0-9_]*( [A-Z]+)*$/.test(type.name) && type.name !== "NULL";
      const name = isPlain ? type.name : quoteIdentifier(type.name);
      const separator = type.name === "DECIMAL" ? "," : ", ";
      return type.arguments.length === 0 ? name : `${name}(${type.arguments.join(separator)})`;
    }
  }
}

/** Tells whether two texts name one type; names of fields count with their case and order, because files are read by them. */
export function isSameType(a: string, b: string): boolean {
  return a === b || printEngineType(parseEngineType(a)) === printEngineType(parseEngineType(b));
}

/** The type with each scalar replaced, wherever it is. */
export function mapScalars(type: EngineType, replace: (scalar: EngineScalar) => EngineType): EngineType {
  const replaceField = (field: EngineField): EngineField => ({ ...field, type: mapScalars(field.type, replace) });
  switch (type.kind) {
    case "scalar":
      return replace(type);
    case "list":
      return { ...type, element: mapScalars(type.element, replace) };
    case "map":
      return { ...type, key: mapScalars(type.key, replace), value: mapScalars(type.value, replace) };
    case "struct":
    case "union":
      return { ...type, fields: type.fields.map(replaceField) };
  }
}

function printField({ name, type }: EngineField): string {
  return name === undefined ? printEngineType(type) : `${quoteIdentifier(name)} ${printEngineType(type)}`;
}

const token = /\s*("(?:[^"]|"")*"|'(?:[^']|'')*'|[\p{L}\p{N}_$]+|[()[\],])/uy;

function tokenize(text: string): string[] | undefined {
  const found: string[] = [];
  const end = text.trimEnd().length;
  for (token.lastIndex = 0; token.lastIndex < end;) {
    const part = token.exec(text)?.[1];
    if (part === undefined) return undefined;
    found.push(part);
  }
  return found;
}

class TypeReader {
  readonly #text: string;
  readonly #tokens: readonly string[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    const tokens = tokenize(text);
    if (tokens === undefined) throw this.#invalid();
    this.#tokens = tokens;
  }

  readType(): EngineType {
    let type = this.#readPlain();
    while (this.#accept("[")) {
      const length = this.#peek() === "]" ? undefined : this.#take();
      this.#expect("]");
      type = { kind: "list", element: type, ...(length === undefined ? {} : { length }) };
    }
    return type;
  }

  expectEnd(): void {
    if (this.#next !== this.#tokens.length) throw this.#invalid();
  }

  #readPlain(): EngineType {
    const first = this.#take();
    if (/^[()[\],']/.test(first)) throw this.#invalid();
    const name = first.toUpperCase();
    if ((name === "STRUCT" || name === "ROW") && this.#accept("("))
      return { kind: "struct", fields: this.#readFields() };
    if (name === "UNION" && this.#accept("(")) return { kind: "union", fields: this.#readFields() };
    if (name === "MAP" && this.#accept("(")) {
      const key = this.readType();
      this.#expect(",");
      const value = this.readType();
      this.#expect(")");
      return { kind: "map", key, value };
    }
    return this.#readScalar(first);
  }

  #readScalar(first: string): EngineType {
    if (first.startsWith('"')) return toScalar(unquote(first), this.#readArguments());
    const words = [first.toUpperCase()];
    const before = this.#readArguments(); // `TIMESTAMP(3) WITH TIME ZONE` has them in the middle
    const rest = restOfName[words[0] ?? ""]?.find((more) => this.#acceptWords(more));
    if (rest !== undefined) words.push(...rest);
    const found = before.length > 0 ? before : this.#readArguments();
    return toScalar(words.join(" "), found);
  }

  #readArguments(): string[] {
    const found: string[] = [];
    if (!this.#accept("(")) return found;
    do found.push(this.#take());
    while (this.#accept(","));
    this.#expect(")");
    return found;
  }

  #readFields(): EngineField[] {
    const fields: EngineField[] = [];
    do fields.push(this.#readNamed() ?? { type: this.readType() });
    while (this.#accept(","));
    this.#expect(")");
    return fields;
  }

  /** A field has a name when a type follows its first word; `STRUCT(DATE, DECIMAL(4,1))` has none. */
  #readNamed(): EngineField | undefined {
    const [name = "", after = ""] = this.#tokens.slice(this.#next);
    const isType =
      /^[()[\],]$/.test(after) || restOfName[name.toUpperCase()]?.some(([word]) => word === after.toUpperCase());
    if (isType === true || /^[()[\],']/.test(name)) return undefined;
    this.#next += 1;
    return { name: name.startsWith('"') ? unquote(name) : name, type: this.readType() };
  }

  #peek(): string | undefined {
    return this.#tokens[this.#next];
  }

  #take(): string {
    const found = this.#peek();
    if (found === undefined) throw this.#invalid();
    this.#next += 1;
    return found;
  }

  #accept(wanted: string): boolean {
    if (this.#peek() !== wanted) return false;
    this.#next += 1;
    return true;
  }

  #acceptWords(wanted: readonly string[]): boolean {
    if (!wanted.every((word, index) => this.#tokens[this.#next + index]?.toUpperCase() === word)) return false;
    this.#next += wanted.length;
    return true;
  }

  #expect(wanted: string): void {
    if (!this.#accept(wanted)) throw this.#invalid();
  }

  #invalid(): MillraceError {
    return new MillraceError("VALUE_INVALID", `expected a SQL type, got: \`${this.#text}\``);
  }
}

function unquote(quoted: string): string {
  return quoted.slice(1, -1).replaceAll('""', '"');
}

/** What may follow the first word of a type of several words. */
const restOfName: Readonly<Record<string, readonly (readonly string[])[]>> = {
  TIMESTAMP: [
    ["WITH", "TIME", "ZONE"],
    ["WITHOUT", "TIME", "ZONE"],
  ],
  TIME: [
    ["WITH", "TIME", "ZONE"],
    ["WITHOUT", "TIME", "ZONE"],
  ],
  DOUBLE: [["PRECISION"]],
  CHARACTER: [["VARYING"]],
};

function toScalar(spelling: string, found: readonly string[]): EngineType {
  const name = canonicalNames.get(spelling) ?? spelling;
  if (name === "DECIMAL") {
    const [precision = "18", scale = found.length === 0 ? "3" : "0"] = found;
    return { kind: "scalar", name, arguments: [precision, scale] };
  }
  // `VARCHAR(20)` limits nothing, and `TIMESTAMP(3)` is none of the engine's types
  const keepsArguments = !/^(VARCHAR|BLOB|TIME|TIMESTAMP)/.test(name);
  return { kind: "scalar", name, arguments: keepsArguments ? found : [] };
}

/** Spellings that the engine takes for another name's type. @see https://duckdb.org/docs/stable/sql/data_types/overview */
const canonicalNames: ReadonlyMap<string, string> = new Map(
  Object.entries({
    BIGINT: ["LONG", "INT64", "INT8", "OID"],
    BIGNUM: ["VARINT"],
    BIT: ["BITSTRING"],
    BLOB: ["VARBINARY", "BINARY", "BYTEA"],
    BOOLEAN: ["BOOL", "LOGICAL"],
    DECIMAL: ["NUMERIC", "DEC"],
    DOUBLE: ["FLOAT8", "DOUBLE PRECISION"],
    FLOAT: ["FLOAT4", "REAL"],
    HUGEINT: ["INT128"],
    INTEGER: ["INT", "INT32", "INT4", "SIGNED", "INTEGRAL"],
    SMALLINT: ["SHORT", "INT16", "INT2"],
    "TIME WITH TIME ZONE": ["TIMETZ"],
    TIME: ["TIME WITHOUT TIME ZONE"],
    "TIMESTAMP WITH TIME ZONE": ["TIMESTAMPTZ"],
    TIMESTAMP: ["DATETIME", "TIMESTAMP_US", "TIMESTAMP WITHOUT TIME ZONE"],
    TINYINT: ["INT1"],
    UBIGINT: ["UINT64"],
    UHUGEINT: ["UINT128"],
    UINTEGER: ["UINT32"],
    USMALLINT: ["UINT16"],
    UTINYINT: ["UINT8"],
    UUID: ["GUID"],
    VARCHAR: ["BPCHAR", "STRING", "CHAR", "NVARCHAR", "TEXT", "CHARACTER", "CHARACTER VARYING"],
  }).flatMap(([name, aliases]) => aliases.map((alias) => [alias, name] as const)),
);
