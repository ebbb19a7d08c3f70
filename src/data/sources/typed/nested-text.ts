// Lists, structs and maps as JSON whose scalars are all texts, and the engine's SQL that makes values of it.
import { type EngineType, mapScalars, parseEngineType, printEngineType } from "../../../compute/engine-type.ts";
import { quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import type { SpoolColumn } from "../../files/text-spool.ts";

/**
 * Gives the text of a value of a column: of a scalar its own, bytes in hex; of anything else JSON.
 * @param type as the engine prints it
 */
export function typedColumn(name: string, type: string): SpoolColumn {
  const parsed = parseEngineType(type);
  if (parsed.kind === "scalar") return { name, type, fromText: (text) => scalarSql(text, type) };
  const read = mapScalars(parsed, (scalar) => (scalar.name === "BLOB" ? textType : scalar));
  const structure = quoteLiteral(JSON.stringify({ v: printEngineType(read) }));
  return {
    name,
    type,
    fromText: (text) => withBytes(`(from_json_strict('{"v":' || ${text} || '}', ${structure})).v`, parsed),
  };
}

/** The JSON of a value within another one. @param isNested whether its text is JSON */
export function within(text: string | null, isNested: boolean): string {
  return text === null ? "null" : isNested ? text : JSON.stringify(text);
}

const textType: EngineType = { kind: "scalar", name: "VARCHAR", arguments: [] };

function scalarSql(text: string, type: string): string {
  if (type === "BLOB") return `from_hex(${text})`;
  return type === "VARCHAR" ? text : `CAST(${text} AS ${type})`;
}

/** Makes bytes of the hex that JSON holds, wherever they are. */
function withBytes(value: string, type: EngineType, depth = 0): string {
  if (!holdsBytes(type)) return value;
  const item = `x${depth}`;
  switch (type.kind) {
    case "scalar":
      return `from_hex(${value})`;
    case "list":
      return `list_transform(${value}, lambda ${item}: ${withBytes(item, type.element, depth + 1)})`;
    case "map": {
      const entry = `{k: ${withBytes(`${item}.key`, type.key, depth + 1)}, v: ${withBytes(`${item}.value`, type.value, depth + 1)}}`;
      return `map_from_entries(list_transform(map_entries(${value}), lambda ${item}: ${entry}))`;
    }
    case "struct":
    case "union": {
      const fields = type.fields.map(({ name = "", type: of }) => {
        return `${quoteIdentifier(name)} := ${withBytes(`struct_extract(${value}, ${quoteLiteral(name)})`, of, depth + 1)}`;
      });
      return `CASE WHEN ${value} IS NOT NULL THEN struct_pack(${fields.join(", ")}) END`;
    }
  }
}

function holdsBytes(type: EngineType): boolean {
  switch (type.kind) {
    case "scalar":
      return type.name === "BLOB";
    case "list":
      return holdsBytes(type.element);
    case "map":
      return holdsBytes(type.key) || holdsBytes(type.value);
    case "struct":
    case "union":
      return type.fields.some((field) => holdsBytes(field.type));
  }
}
