// Checks as SQL over the rows they judge. Identifiers are quoted, values are literals of the column's own type.
import { type Column, type EngineSession, quoteIdentifier, quoteLiteral } from "../../compute/engine.ts";
import type { CheckRule, CompareRule } from "../../core/dataset/check.ts";
import { parseDuration } from "../../core/duration.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { suggest } from "../../core/errors/suggest.ts";
import { isRowLevel, type NamedCheck, parseReference } from "./check-definition.ts";
import { areComparable, hasNaN, isInstant, isNumeric } from "./comparable-types.ts";
import { baseSql } from "./compare.ts";
import { type FreshnessRule, futureMarginMs, instantSql } from "./freshness.ts";

/** A rule as the question to ask the engine. */
export type CompiledCheck = { readonly check: NamedCheck } & (
  | {
      readonly ask: "rows";
      /** True for a row that breaks the rule, never NULL. */
      readonly breaks: string;
      readonly expected: string;
    }
  | { readonly ask: "groups"; /** Quoted columns. */ readonly key: readonly string[] }
  | { readonly ask: "count"; readonly min: number; readonly max: number }
  | ({ readonly ask: "newest"; /** SQL of an instant. */ readonly instant: string } & FreshnessRule)
  | {
      readonly ask: "share";
      /** True for a row that counts. */
      readonly counts: string;
      /** What asks for the base. */
      readonly base: string;
      readonly rule: CompareRule;
    }
  | { readonly ask: "query"; readonly sql: string }
);

/**
 * Compiles checks against the columns of the rows. Datasets that `references` rules name must be views of the session.
 * @throws MillraceError `SCHEMA_MISMATCH` for a column that the rows lack, `JOB_INVALID` for a value or pattern that cannot be used
 */
export async function compileChecks(
  session: EngineSession,
  checks: readonly NamedCheck[],
  columns: readonly Column[],
): Promise<CompiledCheck[]> {
  const compiled: CompiledCheck[] = [];
  for (const check of checks) {
    const compiler = new CheckCompiler(check, columns, await describeBase(session, check));
    const result = compiler.compile();
    await assertUsable(session, check, compiler.constants);
    for (const reference of compiler.references) await naming(check, assertComparable(session, check, reference));
    if (result.ask === "query") await naming(check, session.parseSelect(result.sql));
    compiled.push(result);
  }
  return compiled;
}

/**
 * Looks at what checks say without knowing the rows, so that a mistake is told before anything is read. Datasets that they name must be
 * views of the session.
 * @throws MillraceError `SQL_INVALID`, `JOB_INVALID` for a pattern, `SCHEMA_MISMATCH` for a column of another dataset
 */
export async function assertChecksReadable(session: EngineSession, checks: readonly NamedCheck[]): Promise<void> {
  for (const check of checks) {
    const { sql, pattern = {}, references = {} } = check.rule;
    if (sql !== undefined) await naming(check, session.assertFunctions(sql));
    await assertUsable(session, check, Object.values(pattern).map(patternSql));
    for (const reference of Object.values(references)) {
      await naming(check, findReferenced(session, check, parseReference(reference)));
    }
  }
}

/** Puts the name of the check in front of what the engine says about its question; other failures are not the check's. */
export async function naming<T>({ name }: NamedCheck, asking: Promise<T>): Promise<T> {
  try {
    return await asking;
  } catch (cause) {
    if (!(cause instanceof MillraceError) || !["SQL_INVALID", "SQL_FAILED"].includes(cause.code)) throw cause;
    const { code, message, hint } = cause;
    throw new MillraceError(code, `check \`${name}\`: ${message}`, { cause, ...(hint === undefined ? {} : { hint }) });
  }
}

/** The checks whose failing rows are set aside, each with the condition that a row breaks it. */
export function listQuarantines(
  compiled: readonly CompiledCheck[],
): { readonly name: string; readonly breaks: string }[] {
  return compiled.flatMap((entry) =>
    entry.ask === "rows" && entry.check.severity === "quarantine"
      ? [{ name: entry.check.name, breaks: entry.breaks }]
      : [],
  );
}

class CheckCompiler {
  readonly #check: NamedCheck;
  readonly #columns: readonly Column[];
  readonly #base: readonly Column[];
  /** SQL of every constant, to find out before the rows are read whether the engine takes them. */
  readonly constants: string[] = [];
  /** What `references` rules look into, to find out the same about the types. */
  readonly references: Reference[] = [];

  /** @param base columns of what a `compare` rule compares with */
  constructor(check: NamedCheck, columns: readonly Column[], base: readonly Column[]) {
    this.#check = check;
    this.#columns = columns;
    this.#base = base;
  }

  compile(): CompiledCheck {
    const { check } = this;
    const { rule } = check;
    if (isRowLevel(check.kind)) return { check, ask: "rows", ...this.#compileRowRule(rule) };
    if (rule.unique !== undefined) {
      return { check, ask: "groups", key: rule.unique.map((name) => this.#column(name).sql) };
    }
    if (rule.rowCount !== undefined) {
      const { min = 0, max = Number.POSITIVE_INFINITY } = rule.rowCount;
      return { check, ask: "count", min, max };
    }
    if (rule.freshness !== undefined) {
      const { sql, type } = this.#column(rule.freshness.column);
      if (!isInstant(type)) throw this.#wrongType(rule.freshness.column, type, "a date or a timestamp");
      const withinMs = parseDuration(rule.freshness.within, "within");
      const { column } = rule.freshness;
      return { check, ask: "newest", instant: instantSql(sql), withinMs, futureMarginMs: futureMarginMs(type), column };
    }
    if (rule.compare !== undefined) return { check, ask: "share", ...this.#compileShare(rule.compare) };
    return { check, ask: "query", sql: rule.sql ?? "" };
  }

  get check(): NamedCheck {
    return this.#check;
  }

  #compileShare(rule: CompareRule): Pick<Extract<CompiledCheck, { ask: "share" }>, "counts" | "base" | "rule"> {
    const { base = "", field, errorColumn } = rule;
    const known = this.#base.map(({ name }) => name);
    const column = this.#base.find(({ name }) => name.toLowerCase() === field?.toLowerCase());
    if (field !== undefined && column === undefined) {
      const message = `check \`${this.#check.name}\` names a column that dataset \`${base}\` lacks: \`${field}\`${suggest(field, known)}`;
      throw new MillraceError("SCHEMA_MISMATCH", message, { hint: `its columns: ${known.join(", ")}` });
    }
    const counts = errorColumn === undefined ? "true" : `${this.#column(errorColumn).sql} IS NOT NULL`;
    return { counts, base: baseSql(base, column), rule };
  }

  #compileRowRule(rule: CheckRule): { breaks: string; expected: string } {
    if (rule.notNull !== undefined) {
      const columns = rule.notNull.map((name) => this.#column(name).sql);
      return { breaks: `(${columns.map((sql) => `${sql} IS NULL`).join(" OR ")})`, expected: "a value" };
    }
    if (rule.acceptedValues !== undefined) {
      const breaks = this.#perColumn(rule.acceptedValues, ({ sql, type }, values) => {
        return `${sql} NOT IN (${values.map((value) => this.#literal(value, type)).join(", ")})`;
      });
      return { breaks, expected: "one of the accepted values" };
    }
    if (rule.pattern !== undefined) {
      const breaks = this.#perColumn(rule.pattern, ({ sql }, pattern) => {
        this.constants.push(patternSql(pattern));
        return `NOT regexp_full_match(CAST(${sql} AS VARCHAR), ${quoteLiteral(pattern)})`;
      });
      return { breaks, expected: "a value that matches the pattern" };
    }
    if (rule.range !== undefined) {
      const breaks = this.#perColumn(rule.range, (column, { min, max }) => {
        const { sql, type } = column;
        const below = min === undefined ? [] : [`${sql} < ${this.#bound(min, column)}`];
        const above = max === undefined ? [] : [`${sql} > ${this.#bound(max, column)}`];
        // the engine sorts NaN after all numbers, which would let it pass every lower bound
        const between = hasNaN(type) ? [`isnan(${sql})`] : [];
        return `(${[...below, ...above, ...between].join(" OR ")})`;
      });
      return { breaks, expected: "a value within the range" };
    }
    const references = rule.references ?? {};
    const breaks = this.#perColumn(references, ({ sql, type }, reference, name) => {
      const { dataset, column } = parseReference(reference);
      const known = quoteIdentifier(column);
      this.references.push({ column: name, type, dataset, known: column });
      return `${sql} NOT IN (SELECT ${known} FROM ${quoteIdentifier(dataset)} WHERE ${known} IS NOT NULL)`;
    });
    return {
      breaks,
      expected: `a value of ${Object.values(references)
        .map((name) => `\`${name}\``)
        .join(", ")}`,
    };
  }

  /** NULL passes, so that `notNull` is the only rule about it. */
  #perColumn<Rule>(
    rules: Readonly<Record<string, Rule>>,
    breaks: (column: SqlColumn, rule: Rule, name: string) => string,
  ): string {
    const conditions = Object.entries(rules).map(([name, rule]) => {
      const column = this.#column(name);
      return `(${column.sql} IS NOT NULL AND ${breaks(column, rule, name)})`;
    });
    return `(${conditions.join(" OR ")})`;
  }

  #column(name: string): SqlColumn {
    const found = this.#columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
    if (found !== undefined) return { name, sql: quoteIdentifier(found.name), type: found.type };
    const names = this.#columns.map((column) => column.name);
    throw new MillraceError(
      "SCHEMA_MISMATCH",
      `check \`${this.#check.name}\` names a column that the rows lack: \`${name}\`${suggest(name, names)}`,
      { hint: `columns of the rows: ${names.join(", ")}` },
    );
  }

  /** A bound orders values, and text has another order than the numbers in it: "10" comes before "9". */
  #bound(value: string | number, { name, type }: SqlColumn): string {
    if (typeof value === "number" && !isNumeric(type)) throw this.#wrongType(name, type, "a number");
    return this.#literal(value, type);
  }

  #literal(value: string | number | boolean, type: string): string {
    const isPlain = isNumeric(type) && /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(String(value));
    // a cast to the type of the column would round: 1.5 is no integer, and so equal to none
    const sql = isPlain ? String(value) : `CAST(${quoteLiteral(String(value))} AS ${type})`;
    this.constants.push(sql);
    return sql;
  }

  #wrongType(column: string, type: string, wanted: string): MillraceError {
    return new MillraceError(
      "SCHEMA_MISMATCH",
      `check \`${this.#check.name}\` needs column \`${column}\` to be ${wanted}, got: \`${type}\``,
      { hint: "cast the column in the query" },
    );
  }
}

/** Fails where the engine cannot read the pattern. */
function patternSql(pattern: string): string {
  return `regexp_full_match('', ${quoteLiteral(pattern)})`;
}

async function describeBase(session: EngineSession, { rule }: NamedCheck): Promise<readonly Column[]> {
  const base = rule.compare?.base;
  return base === undefined ? [] : await session.describe(`SELECT * FROM ${quoteIdentifier(base)}`);
}

interface SqlColumn {
  /** As the rule has it. */
  readonly name: string;
  readonly sql: string;
  readonly type: string;
}

/** A column of the rows and the one whose values it must have. */
interface Reference {
  readonly column: string;
  readonly type: string;
  readonly dataset: string;
  readonly known: string;
}

async function assertComparable(session: EngineSession, check: NamedCheck, reference: Reference): Promise<void> {
  const { column, type, dataset, known } = reference;
  const found = await findReferenced(session, check, { dataset, column: known });
  if (areComparable(type, found.type)) return;
  throw new MillraceError(
    "SCHEMA_MISMATCH",
    `check \`${check.name}\` compares \`${column}\` of type \`${type}\` with \`${dataset}.${known}\` of type \`${found.type}\``,
    { hint: `cast the column in the query: \`cast(${column} as ${found.type})\`` },
  );
}

/** @throws MillraceError `SCHEMA_MISMATCH` */
async function findReferenced(
  session: EngineSession,
  { name }: NamedCheck,
  { dataset, column }: ReturnType<typeof parseReference>,
): Promise<Column> {
  const columns = await session.describe(`SELECT * FROM ${quoteIdentifier(dataset)}`);
  const found = columns.find((candidate) => candidate.name.toLowerCase() === column.toLowerCase());
  if (found !== undefined) return found;
  const names = columns.map((candidate) => candidate.name);
  throw new MillraceError(
    "SCHEMA_MISMATCH",
    `check \`${name}\` refers to a column that dataset \`${dataset}\` lacks: \`${column}\`${suggest(column, names)}`,
    { hint: `its columns: ${names.join(", ")}` },
  );
}

async function assertUsable(session: EngineSession, check: NamedCheck, constants: readonly string[]): Promise<void> {
  if (constants.length === 0) return;
  try {
    await session.query(`SELECT ${constants.join(", ")}`);
  } catch (cause) {
    if (!(cause instanceof MillraceError)) throw cause;
    throw new MillraceError("JOB_INVALID", `check \`${check.name}\`: ${cause.message}`, {
      cause,
      hint: "patterns are RE2; values must fit the type of the column",
    });
  }
}
