// Plans the columns that rows have on their way into the targets, before the first row is read.
import { isSameType, untyped } from "../../compute/engine-type.ts";
import { type Column, type EngineSession, quoteIdentifier } from "../../compute/engine.ts";
import type { Check } from "../../core/dataset/check.ts";
import type { DatasetOutput } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { suggest } from "../../core/errors/suggest.ts";
import { type ColumnPlan, heldAsIs, planColumns, selectColumns, toTargetContract } from "../schema-contract.ts";
import { changesRows } from "../modes/row-rule.ts";
import { plainLayout, type StagedLayout, type StagedRows } from "../staged-rows.ts";
import type { Target } from "../target.ts";

export interface PublishShape {
  /** The query in the shape of the dataset, before it is cast for files. */
  readonly sql: string;
  /** The same for a query with one more column, which stays as it is. */
  keeping(sql: string, column: string): string;
  /** Columns of the rows. */
  readonly columns: readonly Column[];
  /** Columns of the dataset after publishing: also those that the rows lack. */
  readonly tableColumns: readonly Column[];
  /** How rows with `columns` are stored in files. */
  readonly layout: StagedLayout;
  /** The staged rows as one target's table wants them. */
  fit(
    target: Target,
    staged: StagedRows,
  ): { readonly sql: string; readonly columns: readonly Column[]; readonly added: readonly Column[] };
  readonly added: readonly Column[];
  readonly missing: readonly string[];
  /** Columns that a target holds with another type. */
  readonly notices: readonly string[];
}

/**
 * Compares the columns with those of every target, under the output's contract.
 * @throws MillraceError `SCHEMA_MISMATCH` naming column, have and want; `TARGET_UNREADABLE`, `TARGET_UNSUPPORTED`
 */
export async function planShape(
  session: EngineSession,
  output: DatasetOutput,
  query: { readonly sql: string; readonly columns: readonly Column[] },
  targets: readonly Target[],
  checks: readonly Check[] = [],
): Promise<PublishShape> {
  const { schema, dataset } = output;
  const shaper = findShaper(dataset, targets);
  const { filing } = shaper;
  const { partitionBy = [] } = filing ?? {};
  const where = `dataset \`${dataset}\``;
  const have = await shaper.currentColumns(session);
  const identifying = [...(output.key ?? []), ...(output.by === undefined ? [] : [output.by])];
  const isNeeded = (name: string): boolean => isNamedIn([identifying, partitionBy, checks], name);
  const plan = planColumns(where, shaper.hold(query.columns), have, schema, isNeeded);
  const present = plan.columns.filter(({ name }) => !plan.missing.includes(name));
  const columns = present.map(toColumn);
  const names = [...identifying, ...partitionBy];
  for (const name of names) assertColumn(where, name, columns);
  assertStoredColumn(where, partitionBy, columns);
  const plans = new Map<Target, ColumnPlan>();
  const notices = [...describeCasts(shaper, query.columns), ...plan.waiting.map(describeWaiting)];
  for (const target of targets) {
    if (target.filing !== undefined) continue;
    if (target !== shaper) notices.push(...describeCasts(target, columns));
    const current = target === shaper ? have : await target.currentColumns(session);
    plans.set(target, planColumns(`${where} (${target.format})`, target.hold(columns), current, schema));
  }
  return {
    sql: selectColumns(query.sql, query.columns, present),
    keeping(sql, column) {
      const more = { name: column, type: "VARCHAR" };
      return selectColumns(sql, [...query.columns, more], [...present, heldAsIs(more)]);
    },
    columns,
    tableColumns: plan.columns.map(toColumn),
    layout: (await filing?.layOut(session, columns, toTargetContract(schema))) ?? plainLayout(columns),
    added: plan.columns.filter(({ name }) => plan.added.includes(name)).map(toColumn),
    missing: plan.missing,
    notices,
    fit: (target, staged) => fit(plans.get(target), staged, output),
  };
}

/** Columns of the table that is there, as the target says that decides the shape. */
export async function currentColumns(
  session: EngineSession,
  { dataset }: DatasetOutput,
  targets: readonly Target[],
): Promise<readonly Column[] | undefined> {
  return await findShaper(dataset, targets).currentColumns(session);
}

/** How the target that decides the shape would hold columns. */
export function holdColumns(
  dataset: string,
  targets: readonly Target[],
  columns: readonly Column[],
): readonly Column[] {
  return findShaper(dataset, targets).hold(columns);
}

/** The target that takes the staged files, or else the one that others read. */
function findShaper(dataset: string, targets: readonly Target[]): Target {
  const shaper = targets.find(({ filing }) => filing !== undefined) ?? targets[0];
  if (shaper === undefined) throw new MillraceError("INTERNAL", `dataset \`${dataset}\` has no target`);
  return shaper;
}

function fit(
  plan: ColumnPlan | undefined,
  staged: StagedRows,
  { mode = "replace" }: DatasetOutput,
): ReturnType<PublishShape["fit"]> {
  const { columns = staged.columns.map(heldAsIs), added = [], missing = [] } = plan ?? {};
  // a row that changes keeps what the new one does not have
  const wanted = changesRows(mode) ? columns.filter(({ name }) => !missing.includes(name)) : columns;
  return {
    sql: selectColumns(staged.relation, staged.columns, wanted),
    columns: wanted.map(toColumn),
    added: columns.filter(({ name }) => added.includes(name)).map(toColumn),
  };
}

function describeCasts(target: Target, columns: readonly Column[]): string[] {
  const held = target.hold(columns);
  return columns.flatMap(({ name, type }, index) => {
    const as = held[index]?.type ?? type;
    // a column of nothing but nulls gets a type with its first value
    if (isSameType(as, type) || type === untyped) return [];
    return [`the ${target.format} target holds column \`${name}\` of type \`${type}\` as \`${as}\``];
  });
}

function describeWaiting(name: string): string {
  return `no row has a value in column \`${name}\`, whose type is not known yet; the column comes with its first value`;
}

/** Key, partition and checks need their columns, whatever the rows of the day hold. */
function isNamedIn(definitions: readonly unknown[], name: string): boolean {
  const text = JSON.stringify(definitions).toLowerCase();
  const wanted = name.toLowerCase();
  return text.includes(JSON.stringify(wanted)) || text.split(/[^\p{L}\p{N}_]+/u).includes(wanted);
}

function assertColumn(where: string, name: string, columns: readonly Column[]): void {
  if (columns.some((column) => column.name === name)) return;
  const names = columns.map((column) => column.name);
  throw new MillraceError(
    "SCHEMA_MISMATCH",
    `key, window or partition column of ${where} is not among the rows' columns: \`${name}\`${suggest(name, names)}`,
    { hint: `columns of the rows: ${names.map(quoteIdentifier).join(", ")}` },
  );
}

/** Partition columns are in no file. */
function assertStoredColumn(where: string, partitionBy: readonly string[], columns: readonly Column[]): void {
  if (columns.some(({ name }) => !partitionBy.includes(name))) return;
  throw new MillraceError(
    "SCHEMA_MISMATCH",
    `${where} is partitioned by all its columns, which leaves none for its files`,
    { hint: "leave one of them out of `partitionBy`" },
  );
}

function toColumn({ name, type }: Column): Column {
  return { name, type };
}
