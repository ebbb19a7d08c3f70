// Lists the values that a Delta table cannot hold: no reader has infinite dates, and some values have no text form as
// partition values.
import { type Column, quoteIdentifier } from "../../../compute/engine.ts";
import type { ValueLimit } from "../../target.ts";
import { findNestedValues } from "../../delta/schema/delta-nested-values.ts";
import { toDeltaType } from "../../delta/schema/delta-schema.ts";

/** Conditions over rows with these columns that a table partitioned by `partitionBy` cannot hold as they are. */
export function listDeltaLimits(columns: readonly Column[], partitionBy: readonly string[]): ValueLimit[] {
  return columns.flatMap((column) => [
    ...infiniteInstants(column),
    ...(partitionBy.includes(column.name) ? unwritablePartitions(column) : []),
  ]);
}

function infiniteInstants({ name, type }: Column): ValueLimit[] {
  const place = { type: toDeltaType(type), nullable: true };
  const found = findNestedValues(place, quoteIdentifier(name), name, (at, sql) =>
    at.type === "date" || at.type === "timestamp" ? `NOT isfinite(${sql})` : undefined,
  );
  return found.map(({ path, condition }) => ({
    column: path,
    breaks: condition,
    what: "an infinite date or time",
    hint: `make it NULL or a day far away in the query${path === name ? `, e.g. \`case when isfinite(${name}) then ${name} end\`` : ""}`,
  }));
}

function unwritablePartitions({ name, type }: Column): ValueLimit[] {
  const column = quoteIdentifier(name);
  switch (toDeltaType(type)) {
    case "string": {
      const what = "an empty text as a partition value";
      return [
        { column: name, breaks: `${column} = ''`, what, hint: "replace it in the query by NULL or another text" },
      ];
    }
    case "date":
    case "timestamp": {
      const breaks = `(isfinite(${column}) AND year(${column}) NOT BETWEEN 1 AND 9999)`;
      const what = "a year outside 1 to 9999 as a partition value";
      return [{ column: name, breaks, what, hint: "replace it in the query, or partition by another column" }];
    }
    default:
      return [];
  }
}
