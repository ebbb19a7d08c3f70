// Joins the columns of new rows to those a table has: new ones are added or refused, types may only get the table's wider one,
// and a column that the rows lack stays, with nulls. Nothing is ever narrowed or dropped.
import { isSameType, untyped } from "../compute/engine-type.ts";
import { type Column, quoteIdentifier, quoteLiteral } from "../compute/engine.ts";
import { trimStatement } from "../compute/sql-text.ts";
import { isWidening } from "../compute/widen-type.ts";
import type { SchemaContract, SchemaRule, SchemaRules } from "../core/dataset/dataset.ts";
import { MillraceError } from "../core/errors/errors.ts";

/** A contract with a rule for each kind of difference. */
export type FullContract = Required<SchemaRules> | "replace";

/** The rules of an output's `schema`. */
export function toFullContract(schema: SchemaContract | SchemaRules = "evolve"): FullContract {
  if (schema === "replace") return schema;
  if (typeof schema === "object") return { tables: "evolve", columns: "evolve", types: "evolve", ...schema };
  return { tables: "evolve", columns: schema, types: schema };
}

/** What a target is told, which gets rows that have the shape of its table. */
export function toTargetContract(schema: SchemaContract | SchemaRules = "evolve"): SchemaContract {
  if (typeof schema !== "object") return schema;
  return schema.columns === "freeze" ? "freeze" : "evolve";
}

/** Whether rows may be set aside because they differ from their table. */
export function discardsRows(schema: SchemaContract | SchemaRules | undefined): boolean {
  return typeof schema === "object" && [schema.columns, schema.types].includes("discard_row");
}

/** A column as a target will hold it, and how its value is made from a row. */
export interface HeldColumn extends Column {
  /** SQL over the row. */
  readonly expression: string;
}

/** How rows are brought into the shape of the table. */
export interface ColumnPlan {
  /** In the table's order, new ones last. */
  readonly columns: readonly HeldColumn[];
  readonly added: readonly string[];
  /** Columns of the table that the rows lack. */
  readonly missing: readonly string[];
  /** New columns that are left out, because no row has a value that tells their type. */
  readonly waiting: readonly string[];
}

/** A column that a target holds as it comes. */
export function heldAsIs({ name, type }: Column): HeldColumn {
  return { name, type, expression: quoteIdentifier(name) };
}

/**
 * A column that a target holds with another type, which has every value that can come. The few values that it has not are
 * refused when they are read, by the name of their column.
 */
export function heldAs({ name, type }: Column, held: string): HeldColumn {
  if (isSameType(type, held)) return heldAsIs({ name, type });
  const column = quoteIdentifier(name);
  const lost = lostBy(column, type, held);
  const cast = `CAST(${column} AS ${held})`;
  if (lost === undefined) return { name, type: held, expression: cast };
  const refusal = `error(${quoteLiteral(`column \`${name}\` of type \`${type}\` holds ${lost.what}, which \`${held}\` does not`)})`;
  return { name, type: held, expression: `CASE WHEN ${lost.condition} THEN ${refusal} ELSE ${cast} END` };
}

/** What a cast would fail on without a name, or change. */
function lostBy(column: string, type: string, held: string): { condition: string; what: string } | undefined {
  if (/^(U?HUGEINT|UBIGINT|DECIMAL\()/.test(type) && held !== "VARCHAR") {
    return {
      condition: `${column} IS NOT NULL AND TRY_CAST(${column} AS ${held}) IS NULL`,
      what: "a number of more digits",
    };
  }
  if (type !== "TIMESTAMP_NS") return undefined;
  return { condition: `isfinite(${column}) AND epoch_ns(${column}) % 1000 <> 0`, what: "parts of a microsecond" };
}

/**
 * Plans the columns of the table after the rows are in.
 * @param where names the table in messages, e.g. ``dataset `flights` ``
 * @param have columns of the table that is there, `undefined` when there is none
 * @param isNeeded whether a new column must be there although no row has a value in it; it is then text
 * @throws MillraceError `SCHEMA_MISMATCH` naming the column, what the table has and what the rows want
 */
export function planColumns(
  where: string,
  want: readonly HeldColumn[],
  have: readonly Column[] | undefined,
  schema: SchemaContract | SchemaRules | undefined,
  isNeeded: (name: string) => boolean = () => true,
): ColumnPlan {
  const contract = toFullContract(schema);
  const wanted = new Map<string, HeldColumn>();
  for (const column of want) {
    const before = wanted.get(column.name.toLowerCase());
    if (before !== undefined) throw sameName(where, before.name, column.name);
    wanted.set(column.name.toLowerCase(), column);
  }
  const present = new Set((contract === "replace" ? undefined : have)?.map(({ name }) => name.toLowerCase()));
  const extra = want.filter(({ name }) => !present.has(name.toLowerCase()));
  const untold = extra.filter(({ name, type }) => type === untyped && !isNeeded(name));
  // rows have at least one column
  const waiting = untold.length === want.length ? [] : untold;
  const added = extra.filter((column) => !waiting.includes(column));
  // a schema that is replaced owes the old one nothing
  if (have === undefined && contract !== "replace" && contract.tables === "freeze") throw noTable(where);
  if (have === undefined || contract === "replace")
    return { columns: added.map(withType), added: [], missing: [], waiting: namesOf(waiting) };
  const missing = have.filter(({ name }) => !wanted.has(name.toLowerCase()));
  if (contract.columns === "freeze") assertFrozen(where, extra, missing);
  const kept = have.map((column) => fit(where, column, wanted.get(column.name.toLowerCase()), contract.types));
  return {
    columns: [...kept, ...added.map(withType)],
    added: namesOf(added),
    missing: namesOf(missing),
    waiting: namesOf(waiting),
  };
}

/** The rows of `sql` in the shape of the plan; `sql` itself when they have it already. */
export function selectColumns(sql: string, from: readonly Column[], plan: readonly HeldColumn[]): string {
  const sameShape =
    from.length === plan.length &&
    plan.every(({ name, expression }, index) => name === from[index]?.name && expression === quoteIdentifier(name));
  if (sameShape) return sql;
  const list = plan.map(({ name, expression }) => `${expression} AS ${quoteIdentifier(name)}`);
  return `SELECT ${list.join(", ")} FROM (\n${trimStatement(sql)}\n)`;
}

/** A column of nothing but nulls must have some type. */
function withType(column: HeldColumn): HeldColumn {
  if (column.type !== untyped) return column;
  return { ...column, type: "VARCHAR", expression: `CAST(${column.expression} AS VARCHAR)` };
}

function fit(where: string, have: Column, want: HeldColumn | undefined, types: SchemaRule): HeldColumn {
  const { name, type } = have;
  if (want === undefined) return { name, type, expression: `CAST(NULL AS ${type})` };
  if (isSameType(want.type, type)) return { name, type, expression: want.expression };
  const allowed = types !== "freeze" || want.type === untyped;
  if (allowed && isWidening(want.type, type)) {
    return { name, type, expression: `CAST(${want.expression} AS ${type})` };
  }
  throw new MillraceError("SCHEMA_MISMATCH", `column \`${name}\` of ${where} is \`${type}\`, got: \`${want.type}\``, {
    hint: `cast it in the query: \`cast(${name} as ${type})\`, or replace the table with \`millrace run <job> --full-refresh\``,
  });
}

function noTable(where: string): MillraceError {
  return new MillraceError("SCHEMA_MISMATCH", `${where} has no table, and \`schema.tables\` is frozen`, {
    hint: 'look at the path of the output, or set `tables: "evolve"` to have the table made',
  });
}

function assertFrozen(where: string, added: readonly Column[], missing: readonly Column[]): void {
  const [extra] = added;
  const [lacking] = missing;
  if (extra === undefined && lacking === undefined) return;
  const difference =
    extra === undefined ? `no column \`${lacking?.name}\`` : `a new column \`${extra.name}\` of type \`${extra.type}\``;
  throw new MillraceError("SCHEMA_MISMATCH", `the schema of ${where} is frozen, got: ${difference}`, {
    hint: 'make the query return the columns of the table, or set `schema: "evolve"`',
  });
}

function sameName(where: string, first: string, second: string): MillraceError {
  return new MillraceError(
    "SCHEMA_MISMATCH",
    first === second
      ? `two columns of ${where} have one name, got: \`${first}\``
      : `columns of ${where} differ in case only, got: \`${first}\`, \`${second}\``,
    {
      hint: "rename one of them in the query",
    },
  );
}

function namesOf(columns: readonly Column[]): string[] {
  return columns.map(({ name }) => name);
}
