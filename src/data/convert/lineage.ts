// From which columns of the source the columns of a dataset come, as far as the steps between tell.
import type { Column } from "../../compute/engine.ts";
import type { DatasetColumn } from "../../core/dataset/dataset.ts";

/** Where the values of a column come from. */
export interface ColumnOrigin {
  /** Columns before; `undefined` where any may be meant. */
  readonly from: readonly string[] | undefined;
  /** Whether values are those of the one column, unchanged. */
  readonly isSame?: boolean;
}

/** Column in lower case → its origin in the source. */
export type Lineage = ReadonlyMap<string, ColumnOrigin>;

/** Columns that come from themselves. */
export function identityLineage(columns: readonly Column[]): Lineage {
  return new Map(columns.map(({ name }) => [name.toLowerCase(), { from: [name], isSame: true }]));
}

/** Columns with what they are made of, as far as it is known. @param before of an earlier version, for columns that the rows lack */
export function withOrigins(
  columns: readonly Column[],
  lineage: Lineage | undefined,
  before: readonly DatasetColumn[],
): DatasetColumn[] {
  if (lineage === undefined) return [...columns];
  return columns.map((column) => {
    const own = lineage.get(column.name.toLowerCase());
    const from = own === undefined ? before.find(({ name }) => name === column.name)?.from : own.from;
    return from === undefined ? column : { ...column, from };
  });
}

/** Origins in the source of columns whose origins in the step before are known. @param origins absent where nothing is known */
export function followLineage(
  before: Lineage,
  columns: readonly Column[],
  origins: ReadonlyMap<string, ColumnOrigin> | undefined,
): Lineage {
  return new Map(
    columns.map(({ name }) => {
      const own = origins?.get(name.toLowerCase());
      return [name.toLowerCase(), own === undefined ? unknownOrigin : follow(before, own)];
    }),
  );
}

const unknownOrigin: ColumnOrigin = { from: undefined };

function follow(before: Lineage, { from, isSame = false }: ColumnOrigin): ColumnOrigin {
  if (from === undefined) return unknownOrigin;
  const found = new Set<string>();
  let staysSame = isSame;
  for (const name of from) {
    const origin = before.get(name.toLowerCase());
    if (origin?.from === undefined) return unknownOrigin;
    staysSame &&= origin.isSame === true;
    for (const one of origin.from) found.add(one);
  }
  return { from: [...found], isSame: staysSame };
}
