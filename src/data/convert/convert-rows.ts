// Takes rows through the steps of `convert`. Neighbouring steps become one query; a step that must read the rows does so when it
// is its turn.
import { join } from "node:path";
import { untyped } from "../../compute/engine-type.ts";
import { type Column, type EngineSession, quoteIdentifier, quoteLiteral } from "../../compute/engine.ts";
import { trimStatement } from "../../compute/sql-text.ts";
import type { SealedFields } from "../../connections/registry/field-cipher.ts";
import type { ConvertStep } from "../../core/dataset/convert-step.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { AsideRule, PlannedColumn, StepInput, StepPlan } from "./convert-step.ts";
import { followLineage, identityLineage, type Lineage } from "./lineage.ts";
import { toConvertError } from "./step-error.ts";
import { listSteps, type NamedStep } from "./step-registry.ts";
import { unitColumn, type UnitValues } from "./unit-values.ts";

export interface ConvertInput {
  readonly session: EngineSession;
  /** The rows to begin with; they have `unitColumn` too, if `values` need it. */
  readonly sql: string;
  readonly columns: readonly Column[];
  readonly steps: readonly ConvertStep[];
  readonly values: UnitValues;
  readonly cipher: () => SealedFields;
  /** Folder for what steps must write; the caller deletes it. */
  readonly spool: string;
  readonly signal: AbortSignal;
}

export interface ConvertedRows {
  readonly sql: string;
  readonly columns: readonly Column[];
  readonly lineage: Lineage;
  /** Rows that steps have set aside. */
  readonly aside: readonly AsideRows[];
}

/** Rows as they were before the step that set them aside. */
export interface AsideRows {
  /** With a last column of `reasonsColumn`. */
  readonly sql: string;
  readonly columns: readonly Column[];
}

/** Reasons why a row was set aside, a list of texts. */
export const reasonsColumn = "_millrace_reasons";

/** @throws MillraceError `SCHEMA_MISMATCH`, `SQL_INVALID`, `CONVERT_FAILED`, each naming the step */
export async function convertRows(input: ConvertInput): Promise<ConvertedRows> {
  let state: State = {
    sql: input.sql,
    columns: input.columns,
    lineage: identityLineage(input.columns),
    aside: [],
    hasUnits: input.values.needUnits,
  };
  for (const step of listSteps(input.steps)) state = await takeStep(input, state, step);
  const { sql, columns, lineage, aside } = state.hasUnits ? withoutUnits(state) : state;
  return { sql, columns, lineage, aside };
}

/**
 * Looks at the SQL and the patterns of steps before anything is read, so that a mistake costs nothing and is told with its step.
 * @throws MillraceError `SQL_INVALID`
 */
export async function assertStepsReadable(session: EngineSession, steps: readonly ConvertStep[]): Promise<void> {
  for (const { kind, step, number } of listSteps(steps)) {
    const where = describeStep(kind.name, number);
    try {
      for (const select of kind.selects?.(step) ?? []) await session.assertFunctions(select);
      for (const pattern of kind.patterns?.(step) ?? []) await assertPattern(session, pattern);
    } catch (error) {
      throw placeError(error, where);
    }
  }
}

async function assertPattern(session: EngineSession, pattern: string): Promise<void> {
  try {
    await session.query(`SELECT regexp_matches('', ${quoteLiteral(pattern)})`);
  } catch (cause) {
    if (!(cause instanceof MillraceError) || cause.code !== "SQL_FAILED") throw cause;
    throw new MillraceError("SQL_INVALID", `the pattern \`${pattern}\` cannot be read: ${cause.message}`, {
      cause,
      hint: "patterns are RE2",
    });
  }
}

interface State extends ConvertedRows {
  /** Whether the rows have `unitColumn` beside `columns`. */
  readonly hasUnits: boolean;
}

async function takeStep(input: ConvertInput, before: State, { kind, step, number }: NamedStep): Promise<State> {
  const where = describeStep(kind.name, number);
  const state = before.hasUnits && kind.keepsRows !== true ? withoutUnits(before) : before;
  try {
    const { session, values, cipher, signal } = input;
    const stepInput: StepInput = {
      where,
      columns: state.columns,
      sql: state.sql,
      session,
      signal,
      cipher,
      valueOf: (text) => values.bind(session, text),
      spool: join(input.spool, `step-${number}`),
    };
    const plan = await kind.plan(step, stepInput);
    if ("rows" in plan) return await beginAnew(input, state, plan.rows);
    return "select" in plan
      ? await follow(input, state, { sql: chain(state.sql, plan.select), origins: plan.origins, hasUnits: false })
      : await followColumns(input, state, { plan, where, number });
  } catch (error) {
    throw placeError(toConvertError(error), where);
  }
}

type ColumnPlan = Extract<StepPlan, { readonly columns: unknown }>;

async function followColumns(
  input: ConvertInput,
  state: State,
  { plan, where, number }: { readonly plan: ColumnPlan; readonly where: string; readonly number: number },
): Promise<State> {
  assertDistinct(where, plan.columns);
  const before = plan.aside === undefined ? state : await setAside(input, state, plan.aside, number);
  const list = plan.columns.map(({ name, sql }) => `${sql} AS ${quoteIdentifier(name)}`);
  if (state.hasUnits) list.push(quoteIdentifier(unitColumn));
  const select = `SELECT ${list.join(", ")} FROM ${plan.from ?? "source"} ${plan.tail ?? ""}`;
  const origins = new Map(plan.columns.map((column) => [column.name.toLowerCase(), column]));
  return await follow(input, before, { sql: chain(before.sql, select), origins, hasUnits: state.hasUnits });
}

interface Followed {
  readonly sql: string;
  readonly origins: Parameters<typeof followLineage>[2];
  readonly hasUnits: boolean;
}

async function follow({ session }: ConvertInput, before: State, { sql, origins, hasUnits }: Followed): Promise<State> {
  const found = (await session.describe(sql)).filter(({ name }) => !hasUnits || name !== unitColumn);
  const lineage = followLineage(before.lineage, found, origins);
  const columns = found.map(({ name, type }) => {
    const own = origins?.get(name.toLowerCase());
    const same = own?.isSame === true ? own.from?.[0]?.toLowerCase() : undefined;
    // a column of nothing but nulls stays one
    const isUntyped = before.columns.some((column) => column.type === untyped && column.name.toLowerCase() === same);
    return { name, type: isUntyped ? untyped : type };
  });
  return { sql, columns, lineage, aside: before.aside, hasUnits };
}

async function beginAnew({ session }: ConvertInput, before: State, sql: string): Promise<State> {
  const columns = await session.describe(sql);
  return {
    sql,
    columns,
    lineage: followLineage(before.lineage, columns, undefined),
    aside: before.aside,
    hasUnits: false,
  };
}

/** Reads the rows once, so that each of them is either set aside or goes on, whatever the steps before are made of. */
async function setAside(
  { session, signal }: ConvertInput,
  state: State,
  rules: readonly AsideRule[],
  number: number,
): Promise<State> {
  const table = `_millrace_step_${number}`;
  const reasons = rules.map(({ breaks, reason }) => `CASE WHEN ${breaks} THEN ${quoteLiteral(reason)} END`).join(", ");
  const marked = `SELECT *, list_filter([${reasons}], lambda reason: reason IS NOT NULL) AS ${reasonsColumn} FROM source`;
  await session.materialize(table, chain(state.sql, marked), { signal });
  const list = state.columns.map(({ name }) => quoteIdentifier(name)).join(", ");
  const rest = state.hasUnits ? `${list}, ${quoteIdentifier(unitColumn)}` : list;
  return {
    ...state,
    sql: `SELECT ${rest} FROM ${table} WHERE len(${reasonsColumn}) = 0`,
    aside: [
      ...state.aside,
      { sql: `SELECT ${list}, ${reasonsColumn} FROM ${table} WHERE len(${reasonsColumn}) > 0`, columns: state.columns },
    ],
  };
}

function withoutUnits(state: State): State {
  const list = state.columns.map(({ name }) => quoteIdentifier(name)).join(", ");
  return { ...state, sql: chain(state.sql, `SELECT ${list} FROM source`), hasUnits: false };
}

/** The select over the rows of `before`; not materialized, so that the engine sees one query. */
export function chain(before: string, select: string): string {
  const head = `WITH ${quoteIdentifier("source")} AS NOT MATERIALIZED (\n${trimStatement(before)}\n)`;
  return `${head}\nSELECT * FROM (\n${trimStatement(select)}\n)`;
}

function assertDistinct(where: string, columns: readonly PlannedColumn[]): void {
  const [first] = columns;
  if (first === undefined) throw new MillraceError("SCHEMA_MISMATCH", `${where}: no column is left`);
  const seen = new Set<string>();
  for (const { name } of columns) {
    const isThere = seen.has(name.toLowerCase());
    seen.add(name.toLowerCase());
    if (!isThere) continue;
    throw new MillraceError("SCHEMA_MISMATCH", `${where}: two columns would be called \`${name}\``, {
      hint: "give one of them another name; upper and lower case are one name",
    });
  }
}

function describeStep(kind: string, number: number): string {
  return `step ${number} (\`${kind}\`)`;
}

/** What the engine says of a step is said of that step. */
function placeError(error: unknown, where: string): unknown {
  if (!(error instanceof MillraceError) || !error.code.startsWith("SQL_") || error.message.startsWith(where))
    return error;
  // the place is one in the whole query, which nobody has written
  const message = error.message.replace(/ \(line \d+, column \d+\)$/, "");
  return new MillraceError(error.code, `${where}: ${message}`, error.hint === undefined ? {} : { hint: error.hint });
}
