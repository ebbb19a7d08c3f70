// A table in a Postgres database.
import { optional } from "../../core/spec/option-notes.ts";
import { text } from "../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { toDatabaseChoice, type WantedDatabase } from "../jdbc/jdbc-address.ts";
import { type JdbcOptions, jdbcShape } from "../jdbc/jdbc-options.ts";
import type { Described, LoaderStrategy } from "../strategy.ts";
import { splitTable } from "./split-table.ts";

export interface PostgresLoading extends JdbcOptions {
  readonly table?: string;
}

const wanted: WantedDatabase = { kinds: ["postgres"], example: "jdbc:postgresql://host:5432/database" };

const options: Spec<PostgresLoading> = defineSpec<PostgresLoading>()(() => ({
  ...jdbcShape(wanted.example),
  table: optional(text("the name of a table"), "the name of the dataset").describe(
    "table, `promos` or `sales.promos` with its schema; both are made when they are missing",
  ),
}));

export const postgres: Described<LoaderStrategy<PostgresLoading>, PostgresLoading> = {
  name: "POSTGRES",
  summary: "a table in a Postgres database, which rows reach by `COPY`",
  options,
  toTarget: ({ table, ...database }, place) => ({
    postgres: { ...toDatabaseChoice(database, wanted, place), ...splitTable(table) },
  }),
};
