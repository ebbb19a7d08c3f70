// SQL that finds values wherever they are in a column: in fields of structs, elements of lists, keys and values of maps.
import { quoteLiteral } from "../../../compute/engine.ts";
import type { DeltaType } from "./delta-schema.ts";

/** A place in a column where values are. */
export interface ValuePlace {
  readonly type: DeltaType;
  /** Whether there may be a null where the place is. */
  readonly nullable: boolean;
}

/** True for rows that have such a value at the place. */
export interface FoundValue {
  /** The column and what leads on from it, e.g. `orders.element.price`. */
  readonly path: string;
  readonly condition: string;
}

/**
 * One condition over a row for each place that `test` has a condition for. A place is in no row whose struct, list or map
 * around it is null.
 * @param sql the value at the place
 * @param test the SQL that is true for the values to be found, given the place and the SQL of a value there
 */
export function findNestedValues(
  place: ValuePlace,
  sql: string,
  path: string,
  test: (place: ValuePlace, sql: string) => string | undefined,
): FoundValue[] {
  const condition = test(place, sql);
  const own = condition === undefined ? [] : [{ path, condition }];
  return [...own, ...findInside(place.type, sql, path, test)];
}

function findInside(
  type: DeltaType,
  sql: string,
  path: string,
  test: Parameters<typeof findNestedValues>[3],
): FoundValue[] {
  if (typeof type === "string") return [];
  // every step inwards has a longer path, so that a list in a list gets another name
  const item = `v${path.split(".").length}`;
  const among = (list: string, place: ValuePlace, part: string): FoundValue[] =>
    findNestedValues(place, item, `${path}.${part}`, test).map((found) => ({
      ...found,
      condition: `len(list_filter(${list}, lambda ${item}: ${found.condition})) > 0`,
    }));
  switch (type.type) {
    case "array":
      return among(sql, { type: type.elementType, nullable: type.containsNull }, "element");
    case "map":
      return [
        ...among(`map_keys(${sql})`, { type: type.keyType, nullable: true }, "key"),
        ...among(`map_values(${sql})`, { type: type.valueType, nullable: type.valueContainsNull }, "value"),
      ];
    case "struct":
      return type.fields.flatMap((field) =>
        findNestedValues(
          field,
          `struct_extract(${sql}, ${quoteLiteral(field.name)})`,
          `${path}.${field.name}`,
          test,
        ).map((found) => ({ ...found, condition: `(${sql} IS NOT NULL AND ${found.condition})` })),
      );
  }
}
