// Rows of a database as a source: those of a table, or of a query in the database's own words.
import { listChosenConnections, toDatabaseName } from "../../../connections/database/database-choice.ts";
import { maskName } from "../../../connections/database/database-address.ts";
import { optional } from "../../../core/spec/option-notes.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { SourceKind } from "../../source.ts";
import { assertSqlOptions, findSqlitePath, type SqlSource, sqlSourceSpec } from "./options.ts";
import { hasVariables } from "./sql-params.ts";

/** A source in a database. */
export interface SqlDeclaration {
  readonly sql: SqlSource;
}

export const sql: SourceKind<SqlDeclaration> = {
  name: "sql",
  summary: "a table or query of a database",
  detail: sqlSourceSpec,
  options: defineSpec<Partial<SqlDeclaration>>()(() => ({
    sql: optional(sqlSourceSpec.schema).describe("rows of a Postgres, MySQL or MariaDB database, or of an SQLite file"),
  })),
  connections: (source) => listChosenConnections(source.sql),
  takesVariables: (source) => hasVariables(source.sql.params),
  unitAbilities: ["minRows", "cursor"],
  assertOptions: (where, path, source) => assertSqlOptions(where, [...path, "sql"], source.sql),
  plan: ({ sql: source }, { reading: { units = [{ key: "" }] } }) => {
    const { query, table = "" } = source;
    const database = findSqlitePath(source) ?? maskName(toDatabaseName(source));
    const read = { statement: query ?? `SELECT * FROM ${table}`, database };
    return Promise.resolve({
      kind: "sql",
      reads: units.map(({ key }) => (key === "" ? read : { unit: key, ...read })),
    });
  },
  // drivers and readers cost time to load, which commands that read nothing do not spend
  open: async (source, opening) => await (await import("./relation.ts")).openSqlSource(source.sql, opening),
  pass: async (source, passing, work) => await (await import("./pass-rows.ts")).passRows(source.sql, passing, work),
};
