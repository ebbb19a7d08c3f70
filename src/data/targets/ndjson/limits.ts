// What NDJSON cannot hold: JSON has no NaN and no infinite number, wherever it is in a column.
import { type EngineType, parseEngineType } from "../../../compute/engine-type.ts";
import { type Column, quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import type { ValueLimit } from "../../target.ts";
import { listYearLimits } from "../text-limits.ts";

/** Conditions over a column that a line of JSON cannot hold as it is. */
export function listNdjsonLimits(of: Column): ValueLimit[] {
  const { name, type } = of;
  const breaks = findNotFinite(parseEngineType(type), quoteIdentifier(name), 0);
  if (breaks === undefined) return listYearLimits(of);
  const hint = `make it NULL in the query: \`case when isfinite(${name}) then ${name} end\``;
  return [{ column: name, breaks, what: "NaN or an infinite number, which JSON has not", hint }];
}

/** SQL that is true where such a number is in a value; nothing for types that have none. */
function findNotFinite(type: EngineType, sql: string, depth: number): string | undefined {
  switch (type.kind) {
    case "scalar":
      return type.name === "FLOAT" || type.name === "DOUBLE" ? `NOT isfinite(${sql})` : undefined;
    case "list":
      return findAmong(type.element, sql, depth);
    case "map":
      return findAmong(type.value, `map_values(${sql})`, depth);
    case "struct":
    case "union": {
      const found = type.fields.flatMap(({ name, type: of }) => {
        const condition = findNotFinite(of, `struct_extract(${sql}, ${quoteLiteral(name ?? "")})`, depth);
        return condition === undefined ? [] : [`coalesce(${condition}, false)`];
      });
      return found.length === 0 ? undefined : `(${found.join(" OR ")})`;
    }
  }
}

function findAmong(element: EngineType, list: string, depth: number): string | undefined {
  // every step inwards has another name
  const item = `v${depth}`;
  const condition = findNotFinite(element, item, depth + 1);
  return condition === undefined ? undefined : `len(list_filter(${list}, lambda ${item}: ${condition})) > 0`;
}
