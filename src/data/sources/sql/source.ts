// Rows of a database as a source: those of a table, or of a query in the database's own words.
import { maskName } from "../../../connections/postgres/postgres-address.ts";
import { optional } from "../../../core/spec/option-notes.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { SourceKind } from "../../source.ts";
import { assertSqlOptions, type SqlSource, sqlSourceSpec } from "./options.ts";
import { openSqlSource } from "./relation.ts";

/** A source in a database. */
export interface SqlDeclaration {
  readonly sql: SqlSource;
}

export const sql: SourceKind<SqlDeclaration> = {
  name: "sql",
  summary: "a table or query of a database",
  detail: sqlSourceSpec,
  options: defineSpec<Partial<SqlDeclaration>>()(() => ({
    sql: optional(sqlSourceSpec.schema).describe("rows of a Postgres database or an SQLite file"),
  })),
  assertOptions: (where, path, source) => assertSqlOptions(where, [...path, "sql"], source.sql),
  plan: async ({ sql: { url, path = "", query, table = "" } }) => {
    const database = url === undefined ? path : maskName(url);
    return { kind: "sql", reads: [{ statement: query ?? `SELECT * FROM ${table}`, database }] };
  },
  open: (source, opening) => openSqlSource(source.sql, opening),
};
