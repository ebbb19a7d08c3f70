// What a job says of rows in a database.
import { z } from "zod";
import { databaseKinds } from "../../../connections/database/database-address.ts";
import { assertChoice, choiceShape, type DatabaseChoice } from "../../../connections/database/database-choice.ts";
import { expecting, optional } from "../../../core/spec/option-notes.ts";
import { choice, integer, text } from "../../../core/spec/option-values.ts";
import { type OptionPath, refusal } from "../../../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";
import { assertBound, type SqlParam } from "./sql-params.ts";

/** A table, or what a query gives, of a Postgres, MySQL or MariaDB database (`url`, `connection`) or of an SQLite file (`path`). */
export interface SqlSource extends DatabaseChoice {
  /** An SQLite file; a relative path belongs to the project. */
  readonly path?: string;
  /** `orders`, or `sales.orders` with its schema. */
  readonly table?: string;
  /** One `select` in the words of the database; `$1`, `$2` (in MySQL `?`, in SQLite `?1`, `?2`) stand for `params`. */
  readonly query?: string;
  readonly params?: readonly SqlParam[];
  /** Connections that read parts of a table of a server at once. Default 2. */
  readonly parallel?: number;
  /** What becomes of dates of MySQL without a day or a month, such as `0000-00-00`. Default `fail`. */
  readonly zeroDates?: ZeroDates;
}

export type ZeroDates = "fail" | "null";

export const sqlSourceSpec: Spec<SqlSource> = defineSpec<SqlSource>()(() => ({
  ...choiceShape("a Postgres, MySQL or MariaDB database"),
  path: optional(text("a path")).describe("an SQLite file; a relative path belongs to the project"),
  table: optional(text("the name of a table")).describe(
    "a table or view, all of whose columns are read; a schema stands before it, as in `sales.orders`",
  ),
  query: optional(text("a `select`")).describe(
    "one `select` in the words of the database; `$1` (in MySQL `?`, in SQLite `?1`) stands for the first of `params`",
  ),
  params: params()
    .default([])
    .describe("values that are bound to the query; a text may have variables: `{{watermark}}`, `{{window.from}}`"),
  parallel: integer(1, 16)
    .default(2)
    .describe("connections that read parts of one table of a server at once, all as of one moment"),
  zeroDates: choice(["fail", "null"])
    .default("fail")
    .describe("what becomes of dates of MySQL without a day or a month, such as `0000-00-00`"),
}));

/** The SQLite file of a source, also of one that JDBC names. */
export function findSqlitePath({ path, url }: Pick<SqlSource, "path" | "url">): string | undefined {
  return path ?? (url?.startsWith(sqliteJdbc) === true ? url.slice(sqliteJdbc.length) : undefined);
}

const sqliteJdbc = "jdbc:sqlite:";

/**
 * What no option can tell by itself.
 * @param path to the options, below `where`
 * @throws MillraceError `JOB_INVALID` naming the option
 */
export function assertSqlOptions(where: string, path: OptionPath, source: SqlSource): void {
  const { url, connection, path: file, query, table, params: values, parallel, zeroDates } = source;
  const isFile = findSqlitePath(source) !== undefined;
  const places = given({ url, connection, path: file });
  if (places.length !== 1) {
    throw refusal(where, path, "exactly one of `url`, `connection` and `path`", say(places));
  }
  if (!isFile) assertChoice(where, path, source, databaseKinds);
  const what = given({ table, query });
  if (what.length !== 1) throw refusal(where, path, "either a `table` or a `query`", say(what));
  if (values !== undefined && query === undefined) {
    throw refusal(where, [...path, "params"], "left out beside `table`", values);
  }
  if (parallel !== undefined && (table === undefined || isFile)) {
    throw refusal(where, [...path, "parallel"], "left out where no `table` of a server is read", parallel);
  }
  assertBound(where, path, source);
  if (zeroDates !== undefined && isFile) {
    throw refusal(where, [...path, "zeroDates"], "left out for an SQLite file", zeroDates);
  }
}

/** Names of the options that are there, since their values may be long. */
function given(options: object): readonly string[] {
  return Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name]));
}

function say(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(" and ");
}

function params(): z.ZodType<readonly SqlParam[], readonly SqlParam[]> {
  const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
  return expecting("a list of texts, numbers, true, false or null", z.array(value).readonly());
}
