// Reads DuckDB's own syntax tree of a select: which tables it names, leaving out those its `with` clauses define.
import { MillraceError } from "../../core/errors/errors.ts";

/**
 * The tables one select reads, in order of appearance, each once; a qualified name keeps its dots.
 * @param tree what `json_serialize_sql` returned
 * @throws MillraceError `SQL_INVALID` for a syntax error and for anything but exactly one select
 */
export function parseSelectTables(tree: string): string[] {
  const references: TableReference[] = [];
  collect(parseStatement(tree), new Set(), references);
  const ordered = references.toSorted((a, b) => a.location - b.location);
  return [...new Set(ordered.map((reference) => reference.name))];
}

/**
 * Names of the columns that one select mentions, each once. A name with dots may be that of a table, a column or a field, so that each
 * of its parts is given.
 * @throws MillraceError `SQL_INVALID`
 */
export function parseSelectColumns(tree: string): string[] {
  const names = new Set<string>();
  collectColumns(parseStatement(tree), names);
  return [...names];
}

/**
 * Names of the functions that one select calls, in lower case and each once; operators are none.
 * @throws MillraceError `SQL_INVALID`
 */
export function parseSelectFunctions(tree: string): string[] {
  const names = new Set<string>();
  collectFunctions(parseStatement(tree), names);
  return [...names];
}

function parseStatement(tree: string): unknown {
  const parsed = JSON.parse(tree) as SerializedSql;
  if (parsed.error) throw new MillraceError("SQL_INVALID", describe(parsed), { hint: onlySelect });
  if (parsed.statements?.length !== 1) {
    const got = parsed.statements?.length ?? 0;
    throw new MillraceError("SQL_INVALID", `expected exactly one \`select\`, got: \`${got}\` statements`, {
      hint: onlySelect,
    });
  }
  return parsed.statements[0];
}

function collectColumns(node: unknown, found: Set<string>): void {
  visit(node, ({ class: kind, column_names: names }) => {
    if (kind !== "COLUMN_REF" || !Array.isArray(names)) return;
    for (const name of names) found.add(String(name));
  });
}

function collectFunctions(node: unknown, found: Set<string>): void {
  visit(node, ({ class: kind, function_name: name, is_operator: isOperator }) => {
    if (kind === "FUNCTION" && isOperator === false) found.add(String(name).toLowerCase());
  });
}

/** Every object of the tree, each before those in it. */
function visit(node: unknown, look: (fields: Readonly<Record<string, unknown>>) => void): void {
  if (typeof node !== "object" || node === null) return;
  if (!Array.isArray(node)) look(node as Readonly<Record<string, unknown>>);
  for (const child of Object.values(node)) visit(child, look);
}

const onlySelect = "write one `select` (it may start with `with`); Millrace makes the table from its rows";

interface SerializedSql {
  readonly error: boolean;
  readonly error_type?: string;
  readonly error_message?: string;
  readonly statements?: readonly unknown[];
}

interface TableReference {
  readonly name: string;
  readonly location: number;
}

function describe(parsed: SerializedSql): string {
  if (parsed.error_type === "not implemented") return "expected exactly one `select`, got: another kind of statement";
  return (parsed.error_message ?? "the statement cannot be parsed").replaceAll(/"([^"]*)"/g, "`$1`");
}

/** Walks the tree; `hidden` holds the lower-cased names that stand for a `with` query here. */
function collect(node: unknown, hidden: ReadonlySet<string>, found: TableReference[]): void {
  if (Array.isArray(node)) {
    for (const item of node) collect(item, hidden, found);
    return;
  }
  if (typeof node !== "object" || node === null) return;
  const fields = node as Readonly<Record<string, unknown>>;
  if (fields["type"] === "BASE_TABLE") {
    const reference = toReference(fields);
    if (!hidden.has(reference.name.toLowerCase())) found.push(reference);
    return;
  }
  const scope = collectWith(fields["cte_map"], hidden, found);
  for (const [name, child] of Object.entries(fields)) {
    if (name !== "cte_map") collect(child, scope, found);
  }
}

/** A `with` query sees those before it, and itself only when it is recursive. */
function collectWith(cteMap: unknown, hidden: ReadonlySet<string>, found: TableReference[]): ReadonlySet<string> {
  const entries = (cteMap as CteMap | undefined)?.map ?? [];
  let scope = hidden;
  for (const { key, value } of entries) {
    const withSelf = new Set([...scope, key.toLowerCase()]);
    const recursive = value.query?.node?.type === "RECURSIVE_CTE_NODE";
    collect(value.query, recursive ? withSelf : scope, found);
    scope = withSelf;
  }
  return scope;
}

interface CteMap {
  readonly map?: readonly {
    readonly key: string;
    readonly value: { readonly query?: { readonly node?: { readonly type?: string } } };
  }[];
}

function toReference(fields: Readonly<Record<string, unknown>>): TableReference {
  const parts = [fields["catalog_name"], fields["schema_name"], fields["table_name"]];
  return {
    name: parts.filter((part) => typeof part === "string" && part !== "").join("."),
    location: Number(fields["query_location"]),
  };
}
