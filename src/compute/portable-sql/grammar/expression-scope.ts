// What the parser of expressions is given.
import type { TokenReader } from "./token-reader.ts";

export interface ExpressionScope {
  readonly reader: TokenReader;
  /** Reads a query that stands in an expression. */
  readonly parseQuery: () => void;
}
