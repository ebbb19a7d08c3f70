// What a query is written in and which engine runs it, as its job says it.

export const sqlDialects = ["duckdb", "portable", "spark"] as const;

/** What SQL is written in: that of one engine, or what means the same to both. */
export type SqlDialect = (typeof sqlDialects)[number];

export const computeEngines = ["duckdb", "spark"] as const;

/** What runs queries. */
export type ComputeEngine = (typeof computeEngines)[number];

/** SQL is run as it is written, never translated. */
export interface ComputeChoice {
  /** Default: for `portable` that of the project, which is DuckDB where it says nothing; else the one whose dialect it is. */
  readonly engine?: ComputeEngine;
  readonly dialect: SqlDialect;
}
