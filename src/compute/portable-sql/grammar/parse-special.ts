// Reads the expressions with words of their own: `case`, `cast`, `extract`, intervals, and times that are written.
import type { ExpressionScope } from "./expression-scope.ts";
import type { SqlToken } from "./sql-tokens.ts";
import { portableCasts, type SqlValueFacts, uniteKinds, type ValueKind } from "../known/value-kind.ts";

type Parse = () => SqlValueFacts;

export function parseCase({ reader }: ExpressionScope, parse: Parse): SqlValueFacts {
  const start = reader.take();
  if (!reader.sees("when")) parse();
  const values: SqlValueFacts[] = [];
  while (reader.takes("when")) {
    parse();
    reader.expect("then");
    values.push(parse());
  }
  if (values.length === 0) throw reader.refuse(reader.unexpected("`when`"));
  if (reader.takes("else")) values.push(parse());
  reader.expect("end");
  return { kind: uniteOrRefuse({ reader }, start, "`case`", values), at: start.at };
}

/** @throws NotPortable for values of kinds that the engines bring together in different ways */
export function uniteOrRefuse(
  { reader }: Pick<ExpressionScope, "reader">,
  token: SqlToken,
  name: string,
  values: readonly SqlValueFacts[],
): ValueKind {
  const kind = uniteKinds(values.map((value) => value.kind));
  if (kind !== undefined) return kind;
  const kinds = [...new Set(values.map((value) => value.kind))].filter((each) => each !== "null" && each !== "unknown");
  throw reader.refuse(
    {
      what: `${name} of values of the kinds ${kinds.join(" and ")}`,
      why: "DuckDB makes texts of them, Spark numbers or times",
      instead: "cast them to one type",
    },
    token,
  );
}

export function parseCast({ reader }: ExpressionScope, parse: Parse): SqlValueFacts {
  const start = reader.take();
  if (start.value === "try_cast") {
    throw reader.refuse(
      {
        what: "`try_cast`",
        why: "what one engine reads is NULL to the other, such as '1.9', '2024' and '1e3'",
        instead: "read the value where it comes from, or name the engine of the job",
      },
      start,
    );
  }
  reader.expect("(");
  const value = parse();
  reader.expect("as");
  const kind = castKind(reader, value);
  reader.expect(")");
  return { kind, at: start.at };
}

function castKind(reader: ExpressionScope["reader"], { kind }: SqlValueFacts): ValueKind {
  const token = reader.take();
  const name = token.value === "int" ? "integer" : token.value === "numeric" ? "decimal" : token.value;
  const cast = portableCasts.find(({ type }) => type.replace(/\(.*/, "") === name);
  if (cast === undefined || token.kind !== "word") {
    throw reader.refuse(
      {
        what: `a cast to \`${token.text}\``,
        why: "the engines have no such type in common",
        instead: `types: ${portableCasts.map(({ type }) => `\`${type}\``).join(", ")}`,
      },
      token,
    );
  }
  if (name === "decimal") parsePrecision(reader);
  if (cast.from.includes(kind)) return cast.kind;
  const what = `a cast of ${kind === "unknown" ? "what may be of any type" : `the kind ${kind}`} to \`${token.text}\``;
  throw reader.refuse({ what, why: cast.why, instead: cast.instead }, token);
}

function parsePrecision(reader: ExpressionScope["reader"]): void {
  reader.expect("(");
  const precision = reader.take();
  reader.expect(",");
  const scale = reader.take();
  const isRight =
    /^\d+$/.test(precision.text) && /^\d+$/.test(scale.text) && Number(scale.text) <= Number(precision.text);
  if (!isRight || Number(precision.text) > 38) {
    const reason = { why: "there are at most 38 digits", instead: "write `decimal(18, 2)`" };
    throw reader.refuse({ what: `\`decimal(${precision.text}, ${scale.text})\``, ...reason }, precision);
  }
  reader.expect(")");
}

/** Parts of times that both count the same way. */
export const timeParts: readonly string[] = ["year", "quarter", "month", "week", "day", "hour", "minute"];

export function parseExtract({ reader }: ExpressionScope, parse: Parse): SqlValueFacts {
  const { at } = reader.take();
  reader.expect("(");
  const part = reader.take();
  if (!timeParts.includes(part.value)) {
    const why = "the engines count days of a week from 0 or 1, and give seconds with or without fractions";
    throw reader.refuse({ what: `\`extract(${part.text} …)\``, why, instead: `parts: ${timeParts.join(", ")}` }, part);
  }
  reader.expect("from");
  const { kind } = parse();
  reader.expect(")");
  if (kind !== "interval" || ["day", "hour", "minute"].includes(part.value)) return { kind: "integer", at };
  const reason = { why: "the engines make months of days in different ways", instead: "write `extract(day from …)`" };
  throw reader.refuse({ what: `\`${part.text}\` of an interval`, ...reason }, part);
}

const intervalUnits: readonly string[] = ["year", "month", "day", "hour", "minute", "second"];

export function parseInterval({ reader }: ExpressionScope): SqlValueFacts {
  const { at } = reader.take();
  const count = reader.take();
  const unit = reader.take();
  if (count.kind === "text" && /^-?\d+$/.test(count.value) && intervalUnits.includes(unit.value))
    return { kind: "interval", at };
  throw reader.refuse(
    {
      what: "this interval",
      why: "the engines read other forms in different ways, or one does not",
      instead: "write `interval '1' day`, with one of year, month, day, hour, minute, second",
    },
    count,
  );
}

const written = {
  date: { pattern: /^\d{4}-\d{2}-\d{2}$/, form: "date '2024-01-31'" },
  timestamp: { pattern: /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?$/, form: "timestamp '2024-01-31 12:00:00'" },
} as const;

/** A date or a time that is written, in one form. */
export function parseDate({ reader }: ExpressionScope): SqlValueFacts {
  const { value: kind, at } = reader.take();
  const text = reader.take();
  const { pattern, form } = kind === "date" ? written.date : written.timestamp;
  if (pattern.test(text.value)) return { kind: kind === "date" ? "date" : "timestamp", at };
  const reason = { why: "the engines read other forms in different ways", instead: `write \`${form}\`` };
  throw reader.refuse({ what: `\`${kind} ${text.text}\``, ...reason }, text);
}

/** `trim(both ' ' from x)`: without the characters the engines take away different ones. */
export function parseTrim({ reader }: ExpressionScope, parse: Parse): SqlValueFacts {
  const { at } = reader.take();
  reader.expect("(");
  if (!["both", "leading", "trailing"].some((side) => reader.takes(side)))
    throw reader.refuse(reader.unexpected("`both`"));
  const characters = reader.take();
  if (characters.kind !== "text" || characters.value === "")
    throw reader.refuse(reader.unexpected("a text"), characters);
  reader.expect("from");
  parse();
  reader.expect(")");
  return { kind: "text", at };
}
