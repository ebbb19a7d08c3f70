// Values of the program as literals of the engine.

export interface ServiceEnvironment {
  readonly service: string;
  readonly repository_id: number;
  readonly environment: string;
}

/** A text as a literal. */
export function quote(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** Texts as a literal list, `[]` with its type when there is none. */
export function listText(values: readonly string[]): string {
  return values.length === 0 ? "cast([] as varchar[])" : `[${values.map(quote).join(", ")}]`;
}

/** Records as a literal list of structs, through JSON, which the engine reads much faster than a long list of literals. */
export function structsText<Row extends object>(
  rows: readonly Row[],
  columns: Readonly<Record<keyof Row & string, string>>,
): string {
  const types = Object.entries<string>(columns).map(([column, type]) => `"${column}":"${type}"`);
  return `from_json(${quote(JSON.stringify(rows))}, '[{${types.join(",")}}]')`;
}

/** A `select` behind common table expressions. */
export function withTables(tables: readonly string[], select: string): string {
  return `with ${tables.join(",\n")}\n${select}`;
}
