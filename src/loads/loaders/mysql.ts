// A table in a MySQL or MariaDB database.
import { optional } from "../../core/spec/option-notes.ts";
import { text } from "../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { toDatabaseChoice, type WantedDatabase } from "../jdbc/jdbc-address.ts";
import { type JdbcOptions, jdbcShape } from "../jdbc/jdbc-options.ts";
import type { Described, LoaderStrategy } from "../strategy.ts";

export interface MysqlLoading extends JdbcOptions {
  readonly table?: string;
}

const wanted: WantedDatabase = { kinds: ["mysql"], example: "jdbc:mysql://host:3306/database" };

const options: Spec<MysqlLoading> = defineSpec<MysqlLoading>()(() => ({
  ...jdbcShape(wanted.example),
  table: optional(text("the name of a table"), "the name of the dataset").describe(
    "table in the database, made when it is missing",
  ),
}));

export const mysql: Described<LoaderStrategy<MysqlLoading>, MysqlLoading> = {
  name: "MYSQL",
  summary: "a table in a MySQL or MariaDB database",
  options,
  toTarget: ({ table, ...database }, place) => ({
    mysql: { ...toDatabaseChoice(database, wanted, place), ...(table === undefined ? {} : { table }) },
  }),
};
