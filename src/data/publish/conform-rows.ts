// Rows that differ from their table, where the contract of the output discards what differs. Nothing goes in silence: values are
// counted, and rows are set aside as they came.
import { canonicalType, castBack } from "../../compute/exact-cast.ts";
import { isSameType, untyped } from "../../compute/engine-type.ts";
import { type Column, type EngineSession, quoteIdentifier, quoteLiteral } from "../../compute/engine.ts";
import { isWidening } from "../../compute/widen-type.ts";
import type { DatasetOutput } from "../../core/dataset/dataset.ts";
import { countOf } from "../../core/count-of.ts";
import { type AsideRows, reasonsColumn } from "../convert/convert-rows.ts";
import { discardsRows, toFullContract } from "../schema-contract.ts";
import type { Target } from "../target.ts";
import type { PublishQuery } from "./query/publish-query.ts";
import { currentColumns, holdColumns } from "./publish-shape.ts";

/** What a contract has taken out of the rows. */
export interface Discarded {
  readonly column: string;
  readonly type: string;
  /** The rule that did it. */
  readonly rule: "columns" | "types";
  /** Whether values were left out, or rows set aside. */
  readonly what: "value" | "row";
  readonly count: number;
}

export interface ConformedQuery extends PublishQuery {
  readonly discarded: readonly Discarded[];
}

/** The rows without what the contract of the output discards. They are read once, if there is anything to discard. */
export async function conformRows(
  session: EngineSession,
  output: DatasetOutput,
  query: PublishQuery,
  targets: readonly Target[],
  signal: AbortSignal,
): Promise<ConformedQuery> {
  const early = discardsRows(output.schema) ? { aside: query.aside ?? [] } : {};
  const differences = await findDifferences(session, output, query, targets);
  if (differences.length === 0) return { ...query, ...early, discarded: [] };
  await session.materialize(deliveryTable, query.sql, { signal });
  const discarded = await countValues(session, differences);
  const relation = await selectRest(session, query.columns, differences);
  const aside = selectAside(query.columns, differences);
  const { told: _, ...origin } = query.origin;
  return {
    ...query,
    ...relation,
    // rows of a table of the session, which give the same whenever they are read
    isVerbatim: true,
    origin,
    ...(aside === undefined ? early : { aside: [...(query.aside ?? []), aside] }),
    discarded,
  };
}

/** What a person is told. */
export function describeDiscarded(dataset: string, discarded: readonly Discarded[]): string[] {
  return discarded
    .filter(({ count }) => count > 0)
    .map(({ column, type, rule, what, count }) => {
      const why = rule === "columns" ? "which its table has not" : `whose type is another one in its table`;
      const done = what === "row" ? `${countOf(count, "row")} set aside` : `${countOf(count, "value")} left out`;
      return `rows of dataset \`${dataset}\` have a column \`${column}\` of type \`${type}\`, ${why}: ${done}`;
    });
}

/** The rows as they came, in this session. */
const deliveryTable = "_millrace_delivery";

/** A column that is not as the table wants it. */
interface Difference extends Omit<Discarded, "count"> {
  /** SQL that is true for a row with a value that cannot stay, never NULL. */
  readonly breaks: string;
  /** SQL of the value that stays; absent for a column that goes. */
  readonly value?: string;
}

async function findDifferences(
  session: EngineSession,
  output: DatasetOutput,
  { columns }: PublishQuery,
  targets: readonly Target[],
): Promise<Difference[]> {
  const contract = toFullContract(output.schema);
  if (contract === "replace") return [];
  const discards = [contract.columns, contract.types].some((rule) => rule.startsWith("discard_"));
  const have = discards ? await currentColumns(session, output, targets) : undefined;
  if (have === undefined) return [];
  const held = holdColumns(output.dataset, targets, columns);
  return columns.flatMap((column, index): Difference[] => {
    const there = have.find(({ name }) => name.toLowerCase() === column.name.toLowerCase());
    if (there === undefined) return newColumn(column, contract.columns);
    return otherType(column, held[index]?.type ?? column.type, there.type, contract.types);
  });
}

function newColumn({ name, type }: Column, rule: string): Difference[] {
  const what = whatOf(rule);
  if (what === undefined) return [];
  return [{ column: name, type, rule: "columns", what, breaks: `${quoteIdentifier(name)} IS NOT NULL` }];
}

function otherType({ name, type }: Column, held: string, wanted: string, rule: string): Difference[] {
  const what = whatOf(rule);
  if (what === undefined || type === untyped || isSameType(held, wanted) || isWidening(held, wanted)) return [];
  const { cast, fits } = castBack(quoteIdentifier(name), canonicalType(type), canonicalType(wanted));
  const value = `CASE WHEN ${fits} THEN ${cast} END`;
  return [{ column: name, type, rule: "types", what, breaks: `NOT ${fits}`, value }];
}

function whatOf(rule: string): Discarded["what"] | undefined {
  if (rule === "discard_row") return "row";
  return rule === "discard_value" ? "value" : undefined;
}

async function countValues(session: EngineSession, differences: readonly Difference[]): Promise<Discarded[]> {
  const counts = differences.map(({ breaks }, index) => `count(*) FILTER (WHERE ${breaks}) AS c${index}`);
  const [found] = await session.query(`SELECT ${counts.join(", ")} FROM ${deliveryTable}`);
  return differences.map(({ column, type, rule, what }, index) => ({
    column,
    type,
    rule,
    what,
    count: Number(found?.[`c${index}`]),
  }));
}

async function selectRest(
  session: EngineSession,
  columns: readonly Column[],
  differences: readonly Difference[],
): Promise<Pick<PublishQuery, "sql" | "columns">> {
  const list = columns.flatMap(({ name }) => {
    const difference = differences.find(({ column }) => column === name);
    const value = difference === undefined ? quoteIdentifier(name) : difference.value;
    return value === undefined ? [] : [`${value} AS ${quoteIdentifier(name)}`];
  });
  const breaks = differences.filter(({ what }) => what === "row").map((difference) => `(${difference.breaks})`);
  const rest = breaks.length === 0 ? "" : ` WHERE NOT (${breaks.join(" OR ")})`;
  const sql = `SELECT ${list.join(", ")} FROM ${deliveryTable}${rest}`;
  const found = await session.describe(sql);
  const untypedNames = new Set(columns.filter(({ type }) => type === untyped).map(({ name }) => name));
  return {
    sql,
    columns: found.map((column) => (untypedNames.has(column.name) ? { ...column, type: untyped } : column)),
  };
}

function selectAside(columns: readonly Column[], differences: readonly Difference[]): AsideRows | undefined {
  const rows = differences.filter(({ what }) => what === "row");
  if (rows.length === 0) return undefined;
  const reasons = rows.map(
    ({ breaks, rule, column }) => `CASE WHEN ${breaks} THEN ${quoteLiteral(`schema.${rule}: ${column}`)} END`,
  );
  const list = `list_filter([${reasons.join(", ")}], lambda reason: reason IS NOT NULL) AS ${reasonsColumn}`;
  const broken = rows.map(({ breaks }) => `(${breaks})`).join(" OR ");
  return { sql: `SELECT *, ${list} FROM ${deliveryTable} WHERE ${broken}`, columns };
}
