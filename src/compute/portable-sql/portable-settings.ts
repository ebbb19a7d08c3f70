// What a session of Spark has to be set to for portable queries: without it texts and names are cut otherwise than by DuckDB.

export interface PortableSetting {
  readonly key: string;
  readonly value: string;
  readonly why: string;
}

/** Besides those that every session has. */
export const portableSettings: readonly PortableSetting[] = [
  {
    key: "spark.sql.ansi.doubleQuotedIdentifiers",
    value: "true",
    why: 'without it `"name"` is a text and no column',
  },
  {
    key: "spark.sql.parser.escapedStringLiterals",
    value: "true",
    why: "without it a backslash in a text escapes what follows",
  },
];
