// What an output says of a table in a MySQL or MariaDB database.
import { assertChoice, choiceShape, type DatabaseChoice } from "../../../connections/database/database-choice.ts";
import { optional } from "../../../core/spec/option-notes.ts";
import { text } from "../../../core/spec/option-values.ts";
import { type OptionPath, refusal } from "../../../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../../../core/spec/spec.ts";
import { assertFreeName } from "../table-options.ts";

/** A table in the database of an address or a connection; it is made when it is missing. */
export interface MysqlOptions extends DatabaseChoice {
  /** Default: the name of the dataset. */
  readonly table?: string;
}

export const mysqlSpec: Spec<MysqlOptions> = defineSpec<MysqlOptions>()(() => ({
  ...choiceShape("the database"),
  table: optional(text("the name of a table"), "the name of the dataset").describe("table in the database"),
}));

/** @throws MillraceError `JOB_INVALID` for an address with a password, and for names that the server would refuse or that are taken */
export function assertMysqlOptions(where: string, path: OptionPath, options: MysqlOptions, dataset: string): void {
  const { table = dataset } = options;
  assertChoice(where, path, options, ["mysql"]);
  if (!isMysqlName(table)) {
    throw refusal(
      where,
      [...path, "table"],
      `a name of at most ${maxNameLength} characters without a space at its end`,
      table,
    );
  }
  assertFreeName(where, path, table, ["_millrace"]);
}

/** Whether the server takes a name. */
export function isMysqlName(name: string): boolean {
  // names are kept in a character set that has no characters of four bytes
  return name.length <= maxNameLength && !name.endsWith(" ") && !/[\u{10000}-\u{10FFFF}\0]/u.test(name);
}

export const maxNameLength = 64;
