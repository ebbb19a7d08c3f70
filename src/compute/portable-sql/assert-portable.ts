// Says whether SQL means the same on DuckDB and on Spark, from its text alone: what is not in the subset is refused.
import { parseStatement } from "./grammar/parse-query.ts";
import { NotPortable, type QueryOwner, toPortableError } from "./grammar/refuse-sql.ts";
import { readTokens } from "./grammar/sql-tokens.ts";
import { TokenReader } from "./grammar/token-reader.ts";

/**
 * What passes gives the same rows on both engines, or fails on one of them. Types of columns are not known here; what follows from
 * that is in `docs/reference/sql-dialects.md`.
 * @throws MillraceError `SQL_INVALID` that says where, why, and what to write instead
 */
export function assertPortable(sql: string, owner: QueryOwner = { where: "the query" }): void {
  try {
    parseStatement(new TokenReader(readTokens(sql)));
  } catch (error) {
    if (error instanceof NotPortable) throw toPortableError(sql, error.refusal, owner);
    throw error;
  }
}
