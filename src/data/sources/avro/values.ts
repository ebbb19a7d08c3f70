// Reads the values of a block: each becomes the text that the engine makes a value of, exactly the one that was written.
import { untyped, parseEngineType, printEngineType } from "../../../compute/engine-type.ts";
import { unifyTypes } from "../../../compute/widen-type.ts";
import { within } from "../typed/nested-text.ts";
import {
  printDay,
  printDecimal,
  printDouble,
  printInstant,
  printTime,
  printUuid,
  readSigned,
} from "../typed/value-text.ts";
import type { AvroRecord, AvroType, LogicalType } from "./schema.ts";
import type { BlockReader } from "./block-reader.ts";

/** How values of a schema are read. */
export interface ValueReader {
  /** As the engine prints it. */
  readonly type: string;
  /** Whether texts are JSON. */
  readonly isNested: boolean;
  read(block: BlockReader): string | null;
}

/** @param around records that this one is within @throws Error for a schema that a table cannot hold */
export function createReader(schema: AvroType, around: readonly AvroRecord[] = []): ValueReader {
  switch (schema.kind) {
    case "record":
      return readRecord(schema, around);
    case "array":
      return readList(createReader(schema.items, around));
    case "map":
      return readMap(createReader(schema.items, around));
    case "union":
      return readUnion(schema.branches.map((branch) => createReader(branch, around)));
    case "enum":
      return scalar("VARCHAR", (block) => block.readSymbol(schema.symbols));
    case "fixed":
      return readBytes((block) => block.readBytes(schema.size), schema.size, schema.logical);
    case "bytes":
      return readBytes((block) => block.readBytes(block.readSize()), undefined, schema.logical);
    default:
      return readPrimitive(schema.kind, schema.logical);
  }
}

function scalar(type: string, read: (block: BlockReader) => string | null): ValueReader {
  return { type, isNested: false, read };
}

type Primitive = Exclude<AvroType["kind"], "record" | "array" | "map" | "union" | "enum" | "fixed" | "bytes">;

function readPrimitive(kind: Primitive, logical: LogicalType | undefined): ValueReader {
  switch (kind) {
    case "null":
      return scalar(untyped, () => null);
    case "boolean":
      return scalar("BOOLEAN", (block) => (block.readBoolean() ? "true" : "false"));
    case "int":
      return readInteger("INTEGER", logical);
    case "long":
      return readInteger("BIGINT", logical);
    case "float":
      return scalar("FLOAT", (block) => printDouble(block.readFloat()));
    case "double":
      return scalar("DOUBLE", (block) => printDouble(block.readDouble()));
    case "string":
      return scalar(logical?.name === "uuid" ? "UUID" : "VARCHAR", (block) => block.readText());
  }
}

function readInteger(type: "INTEGER" | "BIGINT", logical: LogicalType | undefined): ValueReader {
  const form = integerForms[logical?.name ?? ""];
  if (form === undefined) return scalar(type, (block) => String(block.readLong()));
  return scalar(form.type, (block) => form.print(block.readLong()));
}

interface IntegerForm {
  readonly type: string;
  readonly print: (value: bigint) => string;
}

const instant = (type: string, scale: 3 | 6 | 9, zone = ""): IntegerForm => ({
  type,
  print: (value) => `${printInstant(value, scale)}${zone}`,
});

const integerForms: Readonly<Record<string, IntegerForm>> = {
  date: { type: "DATE", print: (value) => printDay(Number(value)) },
  "time-millis": { type: "TIME", print: (value) => printTime(value, 3) },
  "time-micros": { type: "TIME", print: (value) => printTime(value, 6) },
  "timestamp-millis": instant("TIMESTAMP WITH TIME ZONE", 3, "+00"),
  "timestamp-micros": instant("TIMESTAMP WITH TIME ZONE", 6, "+00"),
  // the engine has no instants of nanoseconds with a zone; the time is that of UTC
  "timestamp-nanos": instant("TIMESTAMP_NS", 9),
  "local-timestamp-millis": instant("TIMESTAMP", 3),
  "local-timestamp-micros": instant("TIMESTAMP", 6),
  "local-timestamp-nanos": instant("TIMESTAMP_NS", 9),
};

function readBytes(
  read: (block: BlockReader) => Uint8Array,
  size: number | undefined,
  logical: LogicalType | undefined,
): ValueReader {
  if (logical?.name === "decimal") {
    const { precision, scale } = logical;
    const type = precision > 0 && precision <= 38 && scale <= precision ? `DECIMAL(${precision},${scale})` : "VARCHAR";
    return scalar(type, (block) => printDecimal(readSigned(read(block)), scale));
  }
  if (logical?.name === "duration" && size === 12) return scalar("INTERVAL", (block) => printDuration(read(block)));
  if (logical?.name === "uuid" && size === 16) return scalar("UUID", (block) => printUuid(read(block)));
  return scalar("BLOB", (block) => Buffer.from(read(block)).toString("hex"));
}

function printDuration(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 12);
  const [months, days, milliseconds] = [0, 4, 8].map((at) => view.getUint32(at, true));
  return `${months} months ${days} days ${milliseconds} milliseconds`;
}

function readRecord(schema: AvroRecord, around: readonly AvroRecord[]): ValueReader {
  if (around.includes(schema))
    throw new Error(`the record \`${schema.name}\` is within itself, which no table can hold`);
  const fields = schema.fields.map(({ name, type }) => ({ name, reader: createReader(type, [...around, schema]) }));
  const type = printEngineType({
    kind: "struct",
    fields: fields.map(({ name, reader }) => ({ name, type: parseEngineType(asText(reader.type)) })),
  });
  const read = (block: BlockReader): string => {
    const texts = fields.map(({ name, reader }) => {
      return `${JSON.stringify(name)}:${within(reader.read(block), reader.isNested)}`;
    });
    return `{${texts.join(",")}}`;
  };
  return fields.length === 0 ? scalar("VARCHAR", read) : { type, isNested: true, read };
}

/** Within others, what never has a value is text. */
function asText(type: string): string {
  return type === untyped ? "VARCHAR" : type;
}

function readList(items: ValueReader): ValueReader {
  const read = (block: BlockReader): string => {
    const texts: string[] = [];
    block.readItems(() => texts.push(within(items.read(block), items.isNested)));
    return `[${texts.join(",")}]`;
  };
  return { type: `${asText(items.type)}[]`, isNested: true, read };
}

function readMap(values: ValueReader): ValueReader {
  const read = (block: BlockReader): string => {
    const texts = new Map<string, string>();
    block.readItems(() => {
      const key = block.readText();
      texts.set(key, within(values.read(block), values.isNested));
    });
    return `{${Array.from(texts, ([key, text]) => `${JSON.stringify(key)}:${text}`).join(",")}}`;
  };
  return { type: `MAP(VARCHAR, ${asText(values.type)})`, isNested: true, read };
}

/**
 * A value is the one of its branch, whatever other branches there are: a branch more changes no value that was there before. Where
 * no type holds those of all branches, they are texts.
 */
function readUnion(branches: readonly ValueReader[]): ValueReader {
  const types = branches.map(({ type }) => type).filter((type) => type !== untyped);
  const type = types.reduce<string | undefined>((a, b) => a && unifyTypes(a, b), untyped) ?? "VARCHAR";
  const isOne = new Set(types).size <= 1;
  const isNested = isOne && branches.some((branch) => branch.isNested);
  // nested values of several types would have to be read as one type
  const own = isOne || branches.every((branch) => !branch.isNested) ? type : "VARCHAR";
  return { type: own, isNested, read: (block) => block.readBranch(branches).read(block) };
}
