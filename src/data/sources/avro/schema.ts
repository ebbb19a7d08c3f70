// An Avro schema with its names resolved.
// @see https://avro.apache.org/docs/1.12.0/specification/#schema-declaration

/** A schema. The names of types are looked up, so that a record may be within itself. */
export type AvroType =
  | {
      readonly kind: "null" | "boolean" | "int" | "long" | "float" | "double" | "bytes" | "string";
      readonly logical?: LogicalType;
    }
  | { readonly kind: "fixed"; readonly size: number; readonly logical?: LogicalType }
  | { readonly kind: "enum"; readonly symbols: readonly string[] }
  | { readonly kind: "array" | "map"; readonly items: AvroType }
  | { readonly kind: "union"; readonly branches: readonly AvroType[] }
  | AvroRecord;

export interface AvroRecord {
  readonly kind: "record";
  readonly name: string;
  /** Filled when all of it is known. */
  readonly fields: { readonly name: string; readonly type: AvroType }[];
}

export interface LogicalType {
  readonly name: string;
  readonly precision: number;
  readonly scale: number;
}

/** @throws Error for what is no schema */
export function parseSchema(json: string): AvroType {
  return parse(JSON.parse(json) as unknown, "", new Map());
}

type Known = Map<string, AvroType>;
type Declared = Readonly<Record<string, unknown>>;

const primitives = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"] as const;

function parse(schema: unknown, namespace: string, known: Known): AvroType {
  if (typeof schema === "string") return findType(schema, namespace, known);
  if (Array.isArray(schema))
    return { kind: "union", branches: schema.map((branch) => parse(branch, namespace, known)) };
  if (typeof schema !== "object" || schema === null) throw new Error("the schema of the file is none");
  const declared = schema as Declared;
  const kind = declared["type"];
  switch (kind) {
    case "record":
    case "error":
      return parseRecord(declared, namespace, known);
    case "enum":
      return name({ kind, symbols: listOf(declared["symbols"]).map(String) }, declared, namespace, known);
    case "fixed": {
      const size = Number(declared["size"]);
      return name({ kind, size, ...logicalOf(declared) }, declared, namespace, known);
    }
    case "array":
      return { kind, items: parse(declared["items"], namespace, known) };
    case "map":
      return { kind, items: parse(declared["values"], namespace, known) };
    default: {
      const type = parse(kind, namespace, known);
      return "logical" in type || !isPrimitive(type.kind)
        ? type
        : { ...(type as { kind: "int" }), ...logicalOf(declared) };
    }
  }
}

function findType(text: string, namespace: string, known: Known): AvroType {
  const primitive = primitives.find((one) => one === text);
  if (primitive !== undefined) return { kind: primitive };
  const found = known.get(text.includes(".") || namespace === "" ? text : `${namespace}.${text}`) ?? known.get(text);
  if (found === undefined)
    throw new Error(`the schema of the file names the type \`${text}\`, which it does not declare`);
  return found;
}

function parseRecord(declared: Declared, namespace: string, known: Known): AvroType {
  const own = fullName(declared, namespace);
  const record: AvroRecord = { kind: "record", name: own, fields: [] };
  known.set(own, record);
  const inner = own.includes(".") ? own.slice(0, own.lastIndexOf(".")) : "";
  for (const field of listOf(declared["fields"])) {
    const { name: fieldName, type } = field as Declared;
    record.fields.push({ name: String(fieldName), type: parse(type, inner, known) });
  }
  return record;
}

function name<Type extends AvroType>(type: Type, declared: Declared, namespace: string, known: Known): Type {
  known.set(fullName(declared, namespace), type);
  return type;
}

function fullName({ name: own, namespace: stated }: Declared, namespace: string): string {
  const text = String(own);
  if (text.includes(".")) return text;
  const space = typeof stated === "string" ? stated : namespace;
  return space === "" ? text : `${space}.${text}`;
}

function logicalOf({ logicalType, precision, scale }: Declared): { readonly logical?: LogicalType } {
  if (typeof logicalType !== "string") return {};
  return { logical: { name: logicalType, precision: Number(precision ?? 0), scale: Number(scale ?? 0) } };
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error("the schema of the file is none");
  return value as readonly unknown[];
}

function isPrimitive(kind: string): boolean {
  return primitives.some((one) => one === kind);
}
