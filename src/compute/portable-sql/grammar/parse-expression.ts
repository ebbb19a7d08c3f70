// Reads an expression of a portable query by the grammar that both engines share, and tells what is known of its value. What they
// would group, round or take apart otherwise is refused.
import { parseCall } from "./parse-call.ts";
import { parseCase, parseCast, parseDate, parseExtract, parseInterval, parseTrim } from "./parse-special.ts";
import { reservedWords } from "./reserved-words.ts";
import type { SqlToken } from "./sql-tokens.ts";
import type { ExpressionScope } from "./expression-scope.ts";
import { computeKind, isNumeric, type SqlValueFacts } from "../known/value-kind.ts";

/** @throws NotPortable */
export function parseExpression(scope: ExpressionScope): SqlValueFacts {
  return scope.reader.nest(() => parseBoolean(scope, "or", () => parseBoolean(scope, "and", () => parseNot(scope))));
}

function parseBoolean({ reader }: ExpressionScope, word: "or" | "and", part: () => SqlValueFacts): SqlValueFacts {
  let value = part();
  while (reader.takes(word)) {
    part();
    value = { kind: "boolean", at: value.at };
  }
  return value;
}

function parseNot(scope: ExpressionScope): SqlValueFacts {
  const { at } = scope.reader.peek();
  let isNegated = false;
  while (scope.reader.takes("not")) isNegated = true;
  const value = parseComparison(scope);
  return isNegated ? { kind: "boolean", at } : value;
}

const comparisons = ["=", "<>", "!=", "<", "<=", ">", ">="];

function parseComparison(scope: ExpressionScope): SqlValueFacts {
  const { reader } = scope;
  const left = parseSum(scope);
  const others = parseCompared(scope);
  if (others === undefined) return left;
  assertComparable(scope, [left, ...others]);
  if (comparisons.some((sign) => reader.sees(sign)) || reader.sees("is")) {
    throw reader.refuse({
      what: `\`${reader.peek().text}\` behind a comparison`,
      why: "the engines group comparisons in different ways",
      instead: "put the first one in brackets",
    });
  }
  return { kind: "boolean", at: left.at };
}

/** What a value is compared with; nothing when it is not compared. */
function parseCompared(scope: ExpressionScope): readonly SqlValueFacts[] | undefined {
  const { reader } = scope;
  const sign = comparisons.find((each) => reader.takes(each));
  if (sign !== undefined) return [parseSum(scope)];
  if (reader.takes("is")) return parseIs(scope);
  const isNegated = reader.takes("not");
  if (reader.takes("between")) return parseBetween(scope);
  if (reader.takes("in")) return parseIn(scope);
  if (reader.takes("like")) return parsePattern(scope);
  if (isNegated) throw reader.refuse(reader.unexpected("`between`, `in` or `like`"));
  return undefined;
}

function parseIs(scope: ExpressionScope): readonly SqlValueFacts[] {
  const { reader } = scope;
  reader.takes("not");
  if (["null", "true", "false"].some((word) => reader.takes(word))) return [];
  reader.expect("distinct");
  reader.expect("from");
  return [parseSum(scope)];
}

function parseBetween(scope: ExpressionScope): readonly SqlValueFacts[] {
  const least = parseSum(scope);
  scope.reader.expect("and");
  return [least, parseSum(scope)];
}

function parseIn(scope: ExpressionScope): readonly SqlValueFacts[] {
  const { reader } = scope;
  reader.expect("(");
  let values: readonly SqlValueFacts[] = [];
  if (reader.sees("select") || reader.sees("with")) scope.parseQuery();
  else values = parseList(scope);
  reader.expect(")");
  return values;
}

function assertComparable({ reader }: ExpressionScope, values: readonly SqlValueFacts[]): void {
  const text = values.find(({ kind }) => kind === "text");
  if (text === undefined || !values.some(({ kind }) => isNumeric(kind))) return;
  throw reader.refuse(
    {
      what: "a text that is compared with a number",
      why: "the engines make different numbers of it",
      instead: "write the number without quotes, or cast the number to `string`",
    },
    { ...reader.peek(), at: text.at },
  );
}

/** Only a pattern that is written tells whether it has escapes. */
function parsePattern({ reader }: ExpressionScope): readonly SqlValueFacts[] {
  const pattern = reader.take();
  const isPlain = pattern.kind === "text" && !reader.sees("||") && !reader.sees("escape");
  if (isPlain) return [];
  throw reader.refuse(
    {
      what: "this pattern of `like`",
      why: "a backslash in it escapes on Spark and does not on DuckDB",
      instead: "write the pattern as a text, or use `contains(text, part)`",
    },
    pattern,
  );
}

/** One or more expressions with commas between them. */
export function parseList(scope: ExpressionScope): SqlValueFacts[] {
  const values = [parseExpression(scope)];
  while (scope.reader.takes(",")) values.push(parseExpression(scope));
  return values;
}

/** `+`, `-` and `||`, which DuckDB does after the others and Spark with them. */
function parseSum(scope: ExpressionScope): SqlValueFacts {
  const { reader } = scope;
  let value = parseProduct(scope);
  let last: string | undefined;
  for (;;) {
    const sign = reader.peek();
    if (!reader.takes("+") && !reader.takes("-") && !reader.takes("||")) return value;
    if (last !== undefined && (last === "||") !== (sign.text === "||")) {
      const reason = { why: "DuckDB joins texts last, Spark from the left", instead: "put one of them in brackets" };
      throw reader.refuse({ what: "`||` beside `+` or `-`", ...reason }, sign);
    }
    last = sign.text;
    const right = parseProduct(scope);
    value = sign.text === "||" ? joinTexts(scope, sign, [value, right]) : addValues(scope, sign, value, right);
  }
}

function joinTexts({ reader }: ExpressionScope, sign: SqlToken, values: readonly SqlValueFacts[]): SqlValueFacts {
  const other = values.find(({ kind }) => kind !== "text" && kind !== "unknown" && kind !== "null");
  if (other !== undefined && other.kind !== "integer" && other.kind !== "date") {
    const reason = {
      why: "the engines print values in different ways",
      instead: "write `cast(… as string)` of an integer, a date or a text",
    };
    throw reader.refuse({ what: `\`||\` with a value of the kind ${other.kind}`, ...reason }, sign);
  }
  return { kind: "text", at: values[0]?.at ?? sign.at };
}

function addValues(
  { reader }: ExpressionScope,
  sign: SqlToken,
  left: SqlValueFacts,
  right: SqlValueFacts,
): SqlValueFacts {
  const { at } = left;
  if (right.kind === "interval" || left.kind === "interval") {
    if (left.kind === "timestamp") return { kind: "timestamp", at };

    throw reader.refuse(
      {
        what: `\`${sign.text}\` with an interval`,
        why: "of a date DuckDB gives a time and Spark a date",
        instead: "write `cast(x as timestamp) + interval '1' day`, with `cast(… as date)` around it for a date",
      },
      sign,
    );
  }
  if (sign.text === "-" && left.kind === "timestamp" && right.kind === "timestamp") return { kind: "interval", at };
  const isCount = right.kind === "integer" || (right.kind === "unknown" && sign.text === "+");
  if (left.kind === "date" && isCount) return { kind: "date", at };
  const isTime = [left, right].some(({ kind }) => kind === "date" || kind === "timestamp");
  if (!isTime) return { kind: computeNumbers(reader, sign, left, right), at };
  throw reader.refuse(
    {
      what: `\`${sign.text}\` of a time and what may be another one`,
      why: "DuckDB gives a number of days or an interval, Spark an interval",
      instead:
        "write `extract(day from cast(a as timestamp) - cast(b as timestamp))`, or `cast(round(n) as integer)` for a number of days",
    },
    sign,
  );
}

function computeNumbers(
  reader: ExpressionScope["reader"],
  sign: SqlToken,
  ...values: readonly SqlValueFacts[]
): SqlValueFacts["kind"] {
  const other = values.find(({ kind }) => !isNumeric(kind) && kind !== "unknown" && kind !== "null");
  if (other === undefined) return computeKind(values.map(({ kind }) => kind));
  const reason = { why: "the engines make a number of it in different ways, or none", instead: "compute with numbers" };
  throw reader.refuse({ what: `\`${sign.text}\` with a value of the kind ${other.kind}`, ...reason }, sign);
}

function parseProduct(scope: ExpressionScope): SqlValueFacts {
  const { reader } = scope;
  let value = parseSigned(scope);
  for (;;) {
    const sign = reader.peek();
    if (!reader.takes("*") && !reader.takes("/") && !reader.takes("%")) return value;
    const right = parseSigned(scope);
    if (sign.text !== "*") assertDivision(reader, sign, value, right);
    const computed = computeNumbers(reader, sign, value, right);
    value = { kind: sign.text === "/" ? "double" : computed, at: value.at };
  }
}

function assertDivision(
  reader: ExpressionScope["reader"],
  sign: SqlToken,
  left: SqlValueFacts,
  right: SqlValueFacts,
): void {
  const isWhole = sign.text === "%";
  const instead = isWhole ? "write `a % nullif(b, 0)`" : "write `cast(a as double) / nullif(b, 0)`";
  if (!isWhole && left.kind !== "double") {
    const why = "of integers both give a DOUBLE, of decimals DuckDB gives a DOUBLE and Spark a decimal";
    throw reader.refuse({ what: "`/` of what may be a decimal", why, instead }, sign);
  }
  if (right.isDivisor === true) return;
  const why = "by zero DuckDB gives an infinity or NULL, and Spark fails";
  throw reader.refuse({ what: `\`${sign.text}\` by what may be zero`, why, instead }, sign);
}

function parseSigned(scope: ExpressionScope): SqlValueFacts {
  const { reader } = scope;
  const { at } = reader.peek();
  if (!reader.takes("-")) return parsePrimary(scope);
  const value = parsePrimary(scope);
  const { literal, isDivisor } = value;
  return {
    kind: computeNumbers(reader, reader.peek(), value),
    at,
    ...(literal === undefined ? {} : { literal: `-${literal}` }),
    ...(isDivisor === undefined ? {} : { isDivisor }),
  };
}

function parsePrimary(scope: ExpressionScope): SqlValueFacts {
  const { reader } = scope;
  const { kind, text, value, at } = reader.peek();
  if (kind === "number") return parseNumber(scope);
  if (kind === "text") {
    reader.take();
    return { kind: "text", at, literal: value };
  }
  if (reader.takes("(")) return { ...parseBracketed(scope), at };
  if (kind === "quoted") return parseColumn(scope);
  if (kind !== "word") throw reader.refuse(reader.unexpected("a value"));
  if (reader.takes("null")) return { kind: "null", at };
  if (reader.takes("true") || reader.takes("false")) return { kind: "boolean", at };
  if (value === "case") return parseCase(scope, () => parseExpression(scope));
  if (value === "cast" || value === "try_cast") return parseCast(scope, () => parseExpression(scope));
  if (value === "extract") return parseExtract(scope, () => parseExpression(scope));
  if (value === "interval") return parseInterval(scope);
  if (value === "trim" && isTrim(scope)) return parseTrim(scope, () => parseExpression(scope));
  if (value === "exists") return parseExists(scope);
  if ((value === "date" || value === "timestamp") && reader.peek(1).kind === "text") return parseDate(scope);
  if (reader.peek(1).text === "(") return parseCall(scope, parseExpression);
  if (!reservedWords.has(value)) return parseColumn(scope);
  throw reader.refuse({
    what: `\`${text}\``,
    why: "it is a word of SQL, or a value that another moment or place changes",
    instead: 'write it as `"name"` if it is a column',
  });
}

function isTrim({ reader }: ExpressionScope): boolean {
  return reader.peek(1).text === "(" && ["both", "leading", "trailing"].includes(reader.peek(2).value);
}

/** A query that gives one value, or an expression. */
function parseBracketed(scope: ExpressionScope): SqlValueFacts {
  const { reader } = scope;
  const { at } = reader.peek();
  if (reader.sees("select") || reader.sees("with")) {
    scope.parseQuery();
    reader.expect(")");
    return { kind: "unknown", at };
  }
  const { isNamed: _isNamed, ...value } = parseExpression(scope);
  reader.expect(")");
  return value;
}

function parseExists(scope: ExpressionScope): SqlValueFacts {
  const { at } = scope.reader.take();
  scope.reader.expect("(");
  scope.parseQuery();
  scope.reader.expect(")");
  return { kind: "boolean", at };
}

function parseNumber({ reader }: ExpressionScope): SqlValueFacts {
  const token = reader.take();
  const { text, at } = token;
  const kind = /e/i.test(text) ? "double" : text.includes(".") ? "decimal" : "integer";
  const digits = text.replace(/e.*/i, "").replace(".", "").replace(/^0+/, "").length;
  const isTooLarge = kind === "integer" ? BigInt(text) > 9_223_372_036_854_775_807n : kind === "decimal" && digits > 38;
  if (isTooLarge) {
    const reason = {
      why: "the engines give it different types",
      instead: "write a smaller one, or `1e20` for a DOUBLE",
    };
    throw reader.refuse({ what: `the number \`${text}\``, ...reason }, token);
  }
  return { kind, at, literal: text, ...(Number(text) === 0 ? {} : { isDivisor: true }) };
}

/** `name` or `table.name`. */
function parseColumn({ reader }: ExpressionScope): SqlValueFacts {
  const { at } = reader.take();
  if (!reader.takes(".")) return { kind: "unknown", at, isNamed: true };
  const column = reader.take();
  const isName = column.kind === "quoted" || (column.kind === "word" && !reservedWords.has(column.value));
  if (isName && !reader.sees(".") && !reader.sees("(")) return { kind: "unknown", at, isNamed: true };
  throw reader.refuse(
    {
      what: "a name of several parts",
      why: "fields, schemas and functions behind a dot are found in different ways",
      instead: "write `table.column`",
    },
    column,
  );
}
