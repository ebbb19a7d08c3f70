// Rows of a table or a query of a database.
import { databaseKinds } from "../../connections/database/database-address.ts";
import { optional } from "../../core/spec/option-notes.ts";
import { text } from "../../core/spec/option-values.ts";
import { refusal } from "../../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { toDatabaseChoice } from "../jdbc/jdbc-address.ts";
import { type JdbcOptions, jdbcShape } from "../jdbc/jdbc-options.ts";
import type { Described, ExtractorStrategy, StrategyPlace } from "../strategy.ts";

export interface JdbcExtraction extends JdbcOptions {
  readonly source_table?: string;
  readonly query?: string;
}

const example = "jdbc:postgresql://host:5432/database";

const options: Spec<JdbcExtraction> = defineSpec<JdbcExtraction>()(() => ({
  ...jdbcShape(example),
  source_table: optional(text("the name of a table")).describe("a table or view, `orders` or `sales.orders`"),
  query: optional(text("a `select`")).describe("instead of `source_table`: one `select` in the words of the database"),
}));

export const jdbc: Described<ExtractorStrategy<JdbcExtraction>, JdbcExtraction> = {
  name: "JDBC",
  summary:
    "a table or a query of Postgres, MySQL, MariaDB (`jdbc:mysql:`, `jdbc:mariadb:`) or an SQLite file (`jdbc:sqlite:<path>`)",
  options,
  toSource({ source_table: table, query, ...database }, place) {
    if ((table === undefined) === (query === undefined)) {
      const got = table === undefined ? "neither" : "both";
      throw refusal(place.where, place.path, "given either a `source_table` or a `query`", got);
    }
    const what = { ...(table === undefined ? {} : { table }), ...(query === undefined ? {} : { query }) };
    return { sql: { ...findPlace(database, place), ...what } };
  },
};

/** The file of an SQLite database is named by its address alone. */
function findPlace(database: JdbcOptions, place: StrategyPlace): { url?: string; connection?: string } {
  const { jdbc_url: url, connection } = database;
  const isFile = url?.startsWith("jdbc:sqlite:") === true && connection === undefined;
  return isFile ? { url } : toDatabaseChoice(database, { kinds: databaseKinds, example }, place);
}
