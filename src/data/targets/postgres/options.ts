// What an output says of a table in a Postgres database.
import { assertChoice, choiceShape, type DatabaseChoice } from "../../../connections/database/database-choice.ts";
import { optional } from "../../../core/spec/option-notes.ts";
import { text } from "../../../core/spec/option-values.ts";
import { type OptionPath, refusal } from "../../../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";
import { assertFreeName } from "../table-options.ts";

/** A table in a Postgres database; schema and table are made when they are missing. */
export interface PostgresOptions extends DatabaseChoice {
  /** Default `public`. */
  readonly schema?: string;
  /** Default: the name of the dataset. */
  readonly table?: string;
}

export const postgresSpec: Spec<PostgresOptions> = defineSpec<PostgresOptions>()(() => ({
  ...choiceShape("the database"),
  schema: text("the name of a schema").default("public").describe("schema of the table, made when there is none"),
  table: optional(text("the name of a table"), "the name of the dataset").describe("table in the schema"),
}));

/** @throws MillraceError `JOB_INVALID` for an address with a password, and for names that Postgres would cut or that are taken */
export function assertPostgresOptions(
  where: string,
  path: OptionPath,
  options: PostgresOptions,
  dataset: string,
): void {
  const { schema = "public", table = dataset } = options;
  assertChoice(where, path, options, ["postgres"]);
  for (const [option, name] of [
    ["schema", schema],
    ["table", table],
  ] as const) {
    if (name.includes(".") || Buffer.byteLength(name) > maxNameBytes)
      throw refusal(where, [...path, option], "a name without a dot of at most 63 bytes", name);
  }
  assertFreeName(where, path, table, ["_millrace"]);
}

/** What is longer is cut by the server without a word. */
export const maxNameBytes = 63;
