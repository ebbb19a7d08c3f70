// What a session of Spark has to be set to for portable queries: without it names are read otherwise than by DuckDB.

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
    key: "spark.sql.timestampType",
    value: "TIMESTAMP_NTZ",
    why: "without it a TIMESTAMP is a time in a zone, and that of DuckDB has none",
  },
];
