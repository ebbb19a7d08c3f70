// Reads what a query reads: datasets by their names, queries in brackets, rows that are written, and joins of them.
import type { ExpressionScope } from "./expression-scope.ts";
import { parseExpression, parseList } from "./parse-expression.ts";
import { isName, parseName } from "./parse-name.ts";

/** Whether a join has `using`. @throws NotPortable */
export function parseFrom(scope: ExpressionScope, parseQuery: () => void): boolean {
  const { reader } = scope;
  let hasUsing = false;
  parseTable(scope, parseQuery);
  for (;;) {
    if (reader.sees(",")) {
      const reason = { why: "it binds less than `join`, which is easily taken wrong", instead: "write `cross join`" };
      throw reader.refuse({ what: "a comma between tables", ...reason });
    }
    const isCross = reader.takes("cross");
    const isOther = !isCross && takesKind(scope);
    if (!isCross && !isOther && !reader.sees("join")) return hasUsing;
    reader.expect("join");
    parseTable(scope, parseQuery);
    if (!isCross && parseCondition(scope)) hasUsing = true;
  }
}

function takesKind({ reader }: ExpressionScope): boolean {
  if (["inner", "semi", "anti"].some((word) => reader.takes(word))) return true;
  if (!["left", "right", "full"].some((word) => reader.takes(word))) return false;
  reader.takes("outer");
  return true;
}

/** Whether it is `using`. */
function parseCondition(scope: ExpressionScope): boolean {
  const { reader } = scope;
  if (reader.takes("on")) {
    parseExpression(scope);
    return false;
  }
  reader.expect("using");
  reader.expect("(");
  do parseName(reader);
  while (reader.takes(","));
  reader.expect(")");
  return true;
}

function parseTable(scope: ExpressionScope, parseQuery: () => void): void {
  const { reader } = scope;
  if (!reader.takes("(")) {
    parseTableName(scope);
    return;
  }
  const isWritten = reader.takes("values");
  if (isWritten) parseRows(scope);
  else parseQuery();
  reader.expect(")");
  reader.takes("as");
  parseName(reader);
  if (!isWritten && !reader.sees("(")) return;
  reader.expect("(");
  do parseName(reader);
  while (reader.takes(","));
  reader.expect(")");
}

function parseRows(scope: ExpressionScope): void {
  const { reader } = scope;
  do {
    reader.expect("(");
    parseList(scope);
    reader.expect(")");
  } while (reader.takes(","));
}

function parseTableName({ reader }: ExpressionScope): void {
  const name = reader.peek();
  parseName(reader);
  if (reader.sees(".") || reader.sees("(")) {
    const reason = {
      why: "the engines find other tables and functions there",
      instead: "read a dataset that `inputs` names",
    };
    throw reader.refuse({ what: `\`${name.text}${reader.peek().text}\``, ...reason }, name);
  }
  if (reader.takes("as") || isName(reader)) parseName(reader);
}
