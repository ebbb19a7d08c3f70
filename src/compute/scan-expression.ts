// Describes the condition that a query puts on the rows of one relation. The engine passes it to the owner of the
// relation, who knows which files may hold such rows.
/** A comparison of two values, neither of which is treated as equal when it is null. */
export type Comparison = "=" | "<>" | "<" | "<=" | ">" | ">=";

/**
 * A condition on the rows of a relation, as the engine's optimizer left it. Whoever uses it may ignore every part, as
 * long as no row is lost; `unknown` is a part that must be ignored.
 */
export type ScanExpression =
  | { readonly kind: "unknown" }
  /** Place in `columns`. */
  | { readonly kind: "column"; readonly index: number }
  /** A field of a struct. */
  | { readonly kind: "field"; readonly input: ScanExpression; readonly name: string }
  /** SQL of a value of the type that the expression around it wants. */
  | { readonly kind: "constant"; readonly sql: string }
  | { readonly kind: "cast"; readonly input: ScanExpression; readonly from: string; readonly to: string }
  /** A function that gives the same for the same arguments. */
  | { readonly kind: "call"; readonly name: string; readonly inputs: readonly ScanExpression[] }
  | {
      readonly kind: "compare";
      readonly operator: Comparison;
      readonly left: ScanExpression;
      readonly right: ScanExpression;
    }
  | { readonly kind: "in"; readonly input: ScanExpression; readonly values: readonly ScanExpression[] }
  | { readonly kind: "and" | "or"; readonly inputs: readonly ScanExpression[] }
  | { readonly kind: "not"; readonly input: ScanExpression }
  | { readonly kind: "isNull"; readonly input: ScanExpression };
