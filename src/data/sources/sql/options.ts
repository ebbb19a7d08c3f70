// What a job says of rows in a database.
import { z } from "zod";
import { findNameFault, maskName } from "../../../connections/postgres/postgres-address.ts";
import { expecting, optional } from "../../../core/spec/option-notes.ts";
import { integer, text } from "../../../core/spec/option-values.ts";
import { type OptionPath, refusal } from "../../../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";

/** A value that is bound. */
export type SqlParam = string | number | boolean | null;

/** A table, or what a query gives, of a Postgres database (`url`) or of an SQLite file (`path`). */
export interface SqlSource {
  /** `env:WAREHOUSE_URL`: the variable that holds the address; or an address without a password. */
  readonly url?: string;
  /** An SQLite file; a relative path belongs to the project. */
  readonly path?: string;
  /** `orders`, or `sales.orders` with its schema. */
  readonly table?: string;
  /** One `select` in the words of the database; `$1`, `$2` (in SQLite `?1`, `?2`) stand for `params`. */
  readonly query?: string;
  readonly params?: readonly SqlParam[];
  /** Connections that read parts of a table of Postgres at once. Default 2. */
  readonly parallel?: number;
}

export const sqlSourceSpec: Spec<SqlSource> = defineSpec<SqlSource>()(() => ({
  url: optional(text("`env:` and the name of a variable, or an address")).describe(
    "a Postgres database: `env:WAREHOUSE_URL`, where the variable holds the address; or an address without a password",
  ),
  path: optional(text("a path")).describe("an SQLite file; a relative path belongs to the project"),
  table: optional(text("the name of a table")).describe(
    "a table or view, all of whose columns are read; a schema stands before it, as in `sales.orders`",
  ),
  query: optional(text("a `select`")).describe(
    "one `select` in the words of the database; `$1` (in SQLite `?1`) stands for the first of `params`",
  ),
  params: params().default([]).describe("values that are bound to the query"),
  parallel: integer(1, 16)
    .default(2)
    .describe("connections that read parts of one table of Postgres at once, all as of one moment"),
}));

/**
 * What no option can tell by itself.
 * @param path to the options, below `where`
 * @throws MillraceError `JOB_INVALID` naming the option
 */
export function assertSqlOptions(where: string, path: OptionPath, source: SqlSource): void {
  const { url, path: file, query, table, params: values, parallel } = source;
  if ((url === undefined) === (file === undefined)) {
    throw refusal(
      where,
      path,
      "either `url` of a Postgres database or `path` of an SQLite file",
      given({ url, path: file }),
    );
  }
  const fault = url === undefined ? undefined : findNameFault(url);
  if (url !== undefined && fault !== undefined) throw refusal(where, [...path, "url"], fault, maskName(url));
  if ((query === undefined) === (table === undefined)) {
    throw refusal(where, path, "either a `table` or a `query`", given({ table, query }));
  }
  if (values !== undefined && query === undefined) {
    throw refusal(where, [...path, "params"], "left out beside `table`", values);
  }
  if (parallel !== undefined && (table === undefined || url === undefined)) {
    throw refusal(where, [...path, "parallel"], "left out where no `table` of Postgres is read", parallel);
  }
}

/** Names of the options that are there, since their values may be long. */
function given(options: object): string {
  const names = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  return names.length === 0 ? "neither" : names.join(" and ");
}

function params(): z.ZodType<readonly SqlParam[], readonly SqlParam[]> {
  const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
  return expecting("a list of texts, numbers, true, false or null", z.array(value).readonly());
}
