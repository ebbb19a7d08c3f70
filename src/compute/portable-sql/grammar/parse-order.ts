// Reads the terms of an `order by`.
import type { ExpressionScope } from "./expression-scope.ts";
import type { SqlValueFacts } from "../known/value-kind.ts";

/** @throws NotPortable for a term that does not say where NULLs go */
export function parseOrder(scope: ExpressionScope, parse: (scope: ExpressionScope) => SqlValueFacts): void {
  const { reader } = scope;
  do {
    const term = reader.peek();
    parse(scope);
    if (!reader.takes("asc")) reader.takes("desc");
    if (reader.takes("nulls", "first") || reader.takes("nulls", "last")) continue;
    throw reader.refuse(
      {
        what: "an order that does not say where NULLs go",
        why: "DuckDB puts them last, Spark first where it ascends",
        instead: "write `nulls last` or `nulls first` behind each term",
      },
      term,
    );
  } while (reader.takes(","));
}
