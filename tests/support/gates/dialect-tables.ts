// The tables of docs/reference/sql-dialects.md, made from what decides whether SQL is portable.
import { dialectDifferences } from "../../../src/compute/portable-sql/known/dialect-differences.ts";
import { foreignFunctions } from "../../../src/compute/portable-sql/known/foreign-functions.ts";
import {
  type PortableConstruct,
  portableClauses,
  portableOperators,
} from "../../../src/compute/portable-sql/known/portable-constructs.ts";
import { portableFunctions } from "../../../src/compute/portable-sql/known/portable-functions.ts";
import { portableCasts } from "../../../src/compute/portable-sql/known/value-kind.ts";
import { portableSettings } from "../../../src/compute/portable-sql/portable-settings.ts";

const groups = {
  any: "any values",
  aggregate: "groups",
  window: "windows",
  text: "texts",
  number: "numbers",
  time: "times",
};

/** By the name that a document says for the place of one. */
export const dialectTables: readonly (readonly [name: string, table: string])[] = [
  ["portable clauses", toConstructs("clause", portableClauses)],
  ["portable operators", toConstructs("expression", portableOperators)],
  [
    "portable functions",
    toTable(
      ["function", "for", "note"],
      [...portableFunctions.values()].map(({ call, group, note = "" }) => [`\`${call}\``, groups[group], note]),
    ),
  ],
  [
    "portable casts",
    toTable(
      ["type", "of", "not of others, because"],
      portableCasts.map(({ type, from, why }) => [
        `\`${type}\``,
        from.filter((kind) => kind !== "null").join(", "),
        why,
      ]),
    ),
  ],
  [
    "foreign functions",
    toTable(
      ["function", "because", "instead"],
      [...foreignFunctions.values()].map(({ name, why, instead }) => [`\`${name}\``, why, instead]),
    ),
  ],
  [
    "dialect differences",
    toTable(
      ["SQL", "DuckDB", "Spark"],
      dialectDifferences.map(({ sql, duckdb, spark }) => [`\`${toVisible(sql)}\``, toCell(duckdb), toCell(spark)]),
    ),
  ],
  [
    "portable settings",
    toTable(
      ["setting of Spark", "value", "because"],
      portableSettings.map(({ key, value, why }) => [`\`${key}\``, `\`${value}\``, why]),
    ),
  ],
];

function toConstructs(head: string, constructs: readonly PortableConstruct[]): string {
  return toTable(
    [head, "note"],
    constructs.map(({ form, note = "" }) => [`\`${form}\``, note]),
  );
}

function toCell(text: string): string {
  return text === "error" ? "an error" : `\`${text}\``;
}

function toVisible(sql: string): string {
  return sql.replaceAll("\u00a0", "<no-break space>").replaceAll("\r", "<return>");
}

function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows];
  return lines
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", String.raw`\|`)).join(" | ")} |`)
    .join("\n");
}
