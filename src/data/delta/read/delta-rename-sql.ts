// Gives the fields of nested values the names that the table has for them.
import { quoteLiteral } from "../../../compute/engine.ts";
import { type DeltaType, toEngineType } from "../schema/delta-schema.ts";

/** SQL of the value `sql` with the names of `to`; `from` has the same shape. */
export function renameSql(sql: string, from: DeltaType, to: DeltaType): string {
  if (toEngineType(from) === toEngineType(to)) return sql;
  const names = namesSql(from, to);
  return names === undefined ? sql : `remap_struct(${sql}, CAST(NULL AS ${toEngineType(to)}), ${names}, NULL)`;
}

/** Where each field of `to` comes from; `undefined` for a type without fields. */
function namesSql(from: DeltaType, to: DeltaType): string | undefined {
  if (typeof from === "string" || typeof to === "string" || from.type !== to.type) return undefined;
  switch (from.type) {
    case "struct": {
      if (to.type !== "struct") return undefined;
      const fields = to.fields.map((field, index) => {
        const source = from.fields[index] ?? field;
        return [field.name, source.name, namesSql(source.type, field.type)] as const;
      });
      return entriesSql(fields);
    }
    case "array": {
      const names = to.type === "array" ? namesSql(from.elementType, to.elementType) : undefined;
      return names && entriesSql([["list", "list", names]]);
    }
    case "map": {
      if (to.type !== "map") return undefined;
      const [key, value] = [namesSql(from.keyType, to.keyType), namesSql(from.valueType, to.valueType)];
      if (key === undefined && value === undefined) return undefined;
      return entriesSql([
        ["key", "key", key],
        ["value", "value", value],
      ]);
    }
  }
}

function entriesSql(entries: readonly (readonly [to: string, from: string, inner: string | undefined])[]): string {
  const written = entries.map(([to, from, inner]) => {
    const source = inner === undefined ? quoteLiteral(from) : `ROW(${quoteLiteral(from)}, ${inner})`;
    return `${quoteLiteral(to)}: ${source}`;
  });
  return `{${written.join(", ")}}`;
}
