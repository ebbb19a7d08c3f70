// Reads a call of a function: only those of the table, with arguments for which both engines give the same.
import { suggest } from "../../../core/errors/suggest.ts";
import { foreignFunctions } from "../known/foreign-functions.ts";
import type { ExpressionScope } from "./expression-scope.ts";
import { parseOrder } from "./parse-order.ts";
import { uniteOrRefuse } from "./parse-special.ts";
import type { PortableFunction } from "../known/portable-function.ts";
import { portableFunctions } from "../known/portable-functions.ts";
import type { SqlToken } from "./sql-tokens.ts";
import type { SqlValueFacts, ValueKind } from "../known/value-kind.ts";

type Parse = (scope: ExpressionScope) => SqlValueFacts;

export function parseCall(scope: ExpressionScope, parse: Parse): SqlValueFacts {
  const { reader } = scope;
  const token = reader.take();
  const called = portableFunctions.get(token.value);
  if (called === undefined) throw refuseFunction(reader, token);
  reader.expect("(");
  const values = parseArguments(scope, called, parse);
  reader.expect(")");
  assertArguments(scope, token, called, values);
  if (called.isOrdered === true) {
    for (const word of ["within", "group", "(", "order", "by"]) reader.expect(word);
    parse(scope);
    if (!reader.takes("asc")) reader.takes("desc");
    reader.expect(")");
  }
  const isAggregate = called.group === "aggregate";
  const isFiltered = isAggregate && parseFilter(scope, parse);
  parseWindow(scope, token, called, { isFiltered, parse });
  const kind = kindOf(scope, token, called, values);
  return { kind, at: token.at, ...(token.value === "nullif" && isZero(values[1]) ? { isDivisor: true } : {}) };
}

function refuseFunction(reader: ExpressionScope["reader"], token: SqlToken): Error {
  const known = foreignFunctions.get(token.value);
  const names = [...portableFunctions.keys()];
  return reader.refuse(
    {
      what: `the function \`${token.text}\``,
      why: known?.why ?? `it is not among those that are known to be the same${suggest(token.value, names)}`,
      instead: known?.instead ?? `functions: ${names.join(", ")}`,
    },
    token,
  );
}

function parseArguments(scope: ExpressionScope, called: PortableFunction, parse: Parse): SqlValueFacts[] {
  const { reader } = scope;
  if (reader.sees(")")) return [];
  if (called.name === "count" && reader.takes("*")) return [{ kind: "unknown", at: reader.peek().at }];
  if (called.group === "aggregate") scope.reader.takes("distinct");
  const values = [parse(scope)];
  while (reader.takes(",")) values.push(parse(scope));
  return values;
}

function assertArguments(
  { reader }: ExpressionScope,
  token: SqlToken,
  called: PortableFunction,
  values: readonly SqlValueFacts[],
): void {
  const [least, most] = called.arguments;
  const what = `\`${token.text}\` with these arguments`;
  if (values.length < least || values.length > most) {
    throw reader.refuse({ what, why: `it takes others`, instead: `write \`${called.call}\`` }, token);
  }
  const problem = called.refuse?.(values);
  if (problem !== undefined) throw reader.refuse({ what, ...problem }, token);
}

function parseFilter(scope: ExpressionScope, parse: Parse): boolean {
  const { reader } = scope;
  if (!reader.takes("filter")) return false;
  reader.expect("(");
  if (!reader.sees("where")) {
    const reason = { why: "only DuckDB knows what is meant", instead: "write `filter (where …)`" };
    throw reader.refuse({ what: "`filter` without `where`", ...reason });
  }
  reader.expect("where");
  parse(scope);
  reader.expect(")");
  return true;
}

function parseWindow(
  scope: ExpressionScope,
  token: SqlToken,
  called: PortableFunction,
  { isFiltered, parse }: { readonly isFiltered: boolean; readonly parse: Parse },
): void {
  const { reader } = scope;
  const over = reader.peek();
  if (!reader.takes("over")) {
    if (called.group !== "window") return;
    throw reader.refuse(
      { what: `\`${token.text}\` without a window`, why: "it needs one", instead: `write \`${called.call}\`` },
      token,
    );
  }
  if (isFiltered || (called.group !== "window" && called.group !== "aggregate") || called.isOrdered === true) {
    const reason = { why: "Spark has none there", instead: "compute it in a query of its own" };
    throw reader.refuse({ what: `a window of \`${token.text}\``, ...reason }, over);
  }
  reader.expect("(");
  if (reader.takes("partition", "by")) {
    parse(scope);
    while (reader.takes(",")) parse(scope);
  }
  const isOrdered = reader.takes("order", "by");
  if (isOrdered) parseOrder(scope, parse);
  if (!isOrdered && called.group === "window") {
    const reason = { why: "which row is which is by chance then", instead: "write `order by … nulls last`" };
    throw reader.refuse({ what: "this window without an order", ...reason });
  }
  if (reader.takes("rows")) parseFrame(scope);
  reader.expect(")");
}

function parseFrame({ reader }: ExpressionScope): void {
  const bound = (): void => {
    if (reader.takes("current", "row")) return;
    if (!reader.takes("unbounded") && reader.peek().kind === "number") reader.take();
    if (!reader.takes("preceding")) reader.expect("following");
  };
  reader.expect("between");
  bound();
  reader.expect("and");
  bound();
}

function kindOf(
  scope: ExpressionScope,
  token: SqlToken,
  called: PortableFunction,
  values: readonly SqlValueFacts[],
): ValueKind {
  if (typeof called.gives === "function") return called.gives(values);
  if (called.gives === "first") return values[0]?.kind ?? "unknown";
  return called.gives === "all" ? uniteOrRefuse(scope, token, `\`${token.text}\``, values) : called.gives;
}

function isZero(value: SqlValueFacts | undefined): boolean {
  return value?.literal !== undefined && value.kind !== "text" && Number(value.literal) === 0;
}
