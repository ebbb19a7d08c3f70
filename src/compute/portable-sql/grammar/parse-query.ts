// Reads a query of the subset: the clauses that both engines share, each in its place.
import { parseExpression, parseList } from "./parse-expression.ts";
import { parseFrom } from "./parse-from.ts";
import { parseName } from "./parse-name.ts";
import { parseOrder } from "./parse-order.ts";
import type { ExpressionScope } from "./expression-scope.ts";
import type { SqlToken } from "./sql-tokens.ts";
import type { TokenReader } from "./token-reader.ts";

/** Exactly one query to the end of the text. @throws NotPortable */
export function parseStatement(reader: TokenReader): void {
  const scope: ExpressionScope = { reader, parseQuery: () => parseQuery(scope, { isNested: true }) };
  parseQuery(scope, { isNested: false });
  while (reader.takes(";"));
  if (reader.peek().kind !== "end") throw reader.refuse(reader.unexpected("the end"));
}

/** Of a query in an expression nobody sees the names of columns. */
interface QueryPlace {
  readonly isNested: boolean;
}

function parseQuery(scope: ExpressionScope, place: QueryPlace): void {
  scope.reader.nest(() => parseClauses(scope, place));
}

function parseClauses(scope: ExpressionScope, place: QueryPlace): void {
  const { reader } = scope;
  if (reader.takes("with")) parseWith(scope);
  parseUnion(scope, place);
  const isOrdered = reader.takes("order", "by");
  if (isOrdered) parseQueryOrder(scope);
  parseLimit(scope, isOrdered);
}

function parseWith(scope: ExpressionScope): void {
  const { reader } = scope;
  if (reader.sees("recursive")) {
    const reason = { why: "the engines stop in different places", instead: "name the engine of the job" };
    throw reader.refuse({ what: "`with recursive`", ...reason });
  }
  do {
    parseName(reader);
    reader.expect("as");
    reader.expect("(");
    parseQuery(scope, { isNested: false });
    reader.expect(")");
  } while (reader.takes(","));
}

function parseUnion(scope: ExpressionScope, place: QueryPlace): void {
  const { reader } = scope;
  let first: string | undefined;
  parseTerm(scope, place);
  for (;;) {
    const word = ["union", "except", "intersect"].find((each) => reader.sees(each));
    if (word === undefined) return;
    if (first !== undefined && first !== word) {
      const reason = { why: "which goes first is easily taken wrong", instead: "put one of them in brackets" };
      throw reader.refuse({ what: `\`${word}\` beside \`${first}\``, ...reason });
    }
    first = word;
    reader.take();
    if (word === "union") reader.takes("all");
    parseTerm(scope, { isNested: true });
  }
}

function parseTerm(scope: ExpressionScope, place: QueryPlace): void {
  const { reader } = scope;
  if (!reader.takes("(")) {
    parseSelect(scope, place);
    return;
  }
  parseQuery(scope, place);
  reader.expect(")");
}

function parseSelect(scope: ExpressionScope, place: QueryPlace): void {
  const { reader } = scope;
  if (!reader.takes("select")) throw reader.refuse(reader.unexpected("`select`"));
  if (!reader.takes("all") && reader.takes("distinct") && reader.sees("on")) {
    const reason = { why: "only DuckDB has it", instead: "keep the first row by `qualify row_number() over (…) = 1`" };
    throw reader.refuse({ what: "`distinct on`", ...reason });
  }
  const star = parseItems(scope, place);
  const hasUsing = reader.takes("from") && parseFrom(scope, () => parseQuery(scope, { isNested: false }));
  if (hasUsing && star !== undefined) {
    const reason = {
      why: "DuckDB leaves the columns of `using` where they are, Spark puts them first",
      instead: "name the columns",
    };
    throw reader.refuse({ what: "`*` over a join with `using`", ...reason }, star);
  }
  if (reader.takes("where")) parseExpression(scope);
  if (reader.takes("group", "by")) parseGroups(scope);
  if (reader.takes("having")) parseExpression(scope);
  if (reader.takes("qualify")) parseExpression(scope);
}

/** The last `*` among them. */
function parseItems(scope: ExpressionScope, place: QueryPlace): SqlToken | undefined {
  let star: SqlToken | undefined;
  do {
    const token = scope.reader.peek();
    if (parseItem(scope, place)) star = token;
  } while (scope.reader.takes(","));
  return star;
}

/** A column of the result has the same name on both engines. Whether it stands for all of them. */
function parseItem(scope: ExpressionScope, { isNested }: QueryPlace): boolean {
  const { reader } = scope;
  if (reader.takes("*") || isStarOfTable(reader)) {
    if (
      !["exclude", "except", "replace", "rename", "ilike"].some((word) => reader.sees(word) || reader.sees("(", word))
    )
      return true;
    const reason = { why: "the engines write it in different ways", instead: "name the columns" };
    throw reader.refuse({ what: `\`* ${reader.peek().text}\``, ...reason });
  }
  const { isNamed, at, kind } = parseExpression(scope);
  if (kind === "interval" || kind === "instant") {
    const [what, why, instead] = foreignColumns[kind];
    throw reader.refuse({ what, why, instead }, { ...reader.peek(), at });
  }
  if (reader.takes("as")) {
    parseName(reader);
    return false;
  }
  if (isNamed === true || isNested) return false;
  const why = "each engine makes a name for it of its own";
  throw reader.refuse(
    { what: "a column without a name", why, instead: "write `as name` behind it" },
    { ...reader.peek(), at },
  );
}

const foreignColumns = {
  interval: ["an interval as a column", "rows have none on Spark", "write `extract(day from …)`"],
  instant: [
    "what `date_trunc` gives as a column",
    "it has a zone on Spark and none on DuckDB",
    "write `cast(date_trunc(…) as timestamp)`, or `as date`",
  ],
} as const;

function isStarOfTable(reader: TokenReader): boolean {
  if (reader.peek(1).text !== "." || reader.peek(2).text !== "*") return false;
  parseName(reader);
  return reader.takes(".", "*");
}

function parseGroups(scope: ExpressionScope): void {
  const { reader } = scope;
  if (reader.takes("all")) return;
  if (reader.takes("rollup") || reader.takes("cube")) {
    reader.expect("(");
    parseList(scope);
    reader.expect(")");
    return;
  }
  refusePlaces(reader, parseList(scope));
}

function parseQueryOrder(scope: ExpressionScope): void {
  const { reader } = scope;
  if (reader.sees("all")) {
    const reason = {
      why: "Spark knows no order of NULLs behind it",
      instead: "name the columns, each with `nulls last`",
    };
    throw reader.refuse({ what: "`order by all`", ...reason });
  }
  parseOrder(scope, (inner) => {
    const value = parseExpression(inner);
    refusePlaces(reader, [value]);
    return value;
  });
}

function refusePlaces(
  reader: TokenReader,
  values: readonly { readonly literal?: string; readonly at: number }[],
): void {
  const place = values.find(({ literal }) => literal !== undefined);
  if (place === undefined) return;
  const reason = { why: "a setting of Spark makes a constant of it", instead: "write the name of the column" };
  throw reader.refuse({ what: "the place of a column", ...reason }, { ...reader.peek(), at: place.at });
}

function parseLimit({ reader }: ExpressionScope, isOrdered: boolean): void {
  for (const word of ["limit", "offset"]) {
    const token = reader.peek();
    if (!reader.takes(word)) continue;
    if (!isOrdered) {
      const reason = { why: "which rows come first is by chance", instead: "write an `order by` before it" };
      throw reader.refuse({ what: `\`${word}\` without an order`, ...reason }, token);
    }
    if (/^\d+$/.test(reader.peek().text)) reader.take();
    else throw reader.refuse(reader.unexpected("a number"));
  }
}
