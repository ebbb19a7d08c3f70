// What Redshift cannot hold of staged columns, or would change.
import { type Column, quoteIdentifier } from "../../../compute/engine.ts";
import { parseEngineType } from "../../../compute/engine-type.ts";
import type { ValueLimit } from "../../target.ts";
import { listStagedLimits } from "../staged-types.ts";
import { maxTextBytes } from "./options.ts";

/** Texts are as long as the longest column that there is; what a table has less room for is told when its rows are loaded. */
export function listRedshiftLimits(columns: readonly Column[]): ValueLimit[] {
  return [...listStagedLimits(columns), ...columns.flatMap(limitsOf)];
}

function limitsOf({ name, type }: Column): ValueLimit[] {
  const column = quoteIdentifier(name);
  const limits =
    type === "JSON" || parseEngineType(type).kind !== "scalar" ? jsonLimits(column) : scalarLimits(column, type);
  return limits.map((limit) => ({ column: name, ...limit }));
}

type Limit = Omit<ValueLimit, "column">;

function scalarLimits(column: string, type: string): Limit[] {
  if (type === "VARCHAR") {
    const hint = "take it out in the query: `replace(…, chr(0), '')`";
    return [
      { breaks: `contains(${column}, chr(0))`, what: "a NUL character in a text", hint },
      {
        breaks: `strlen(${column}) > ${maxTextBytes}`,
        what: `a text of more than ${maxTextBytes} bytes`,
        hint: "shorten it",
      },
    ];
  }
  if (type === "BLOB") {
    return [
      { breaks: `octet_length(${column}) > 1024000`, what: "more than 1024000 bytes", hint: "leave it where it is" },
    ];
  }
  if (type === "TIME") {
    return [{ breaks: `${column} = TIME '24:00:00'`, what: "the time 24:00", hint: "replace it in the query" }];
  }
  return /^(?:DATE|TIMESTAMP)/.test(type) ? timeLimits(column, type) : [];
}

function timeLimits(column: string, type: string): Limit[] {
  const hint = "replace it in the query: `nullif(…, 'infinity')`";
  return [
    { breaks: `NOT isfinite(${column})`, what: "an infinite date", hint },
    {
      breaks: `(isfinite(${column}) AND year(${column}) NOT BETWEEN 1 AND 9999)`,
      what: "a year outside 1 to 9999",
      hint: "replace it in the query",
    },
    ...(type === "TIMESTAMP_NS"
      ? [
          {
            breaks: `(isfinite(${column}) AND epoch_ns(${column}) % 1000 <> 0)`,
            what: "parts of a microsecond",
            hint: "round it in the query: `cast(… as timestamp)`",
          },
        ]
      : []),
  ];
}

/** SUPER makes numbers of numbers: those of 64 bits, and those that are the shortest text of a double, come back as they were. */
function jsonLimits(column: string): Limit[] {
  const json = `CAST(to_json(${column}) AS VARCHAR)`;
  const numbers = String.raw`regexp_extract_all(regexp_replace(${json}, '"(\\.|[^"\\])*"', '', 'g'), '[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?')`;
  const isLost = `length(n) > CASE WHEN regexp_matches(n, '[.eE]') THEN 16 ELSE 18 END
    AND TRY_CAST(n AS DOUBLE)::VARCHAR IS DISTINCT FROM n`;
  return [
    {
      breaks: `len(list_filter(${numbers}, lambda n: ${isLost})) > 0`,
      what: "a number within JSON of more digits than SUPER keeps",
      hint: "make it a text in the query",
    },
    {
      breaks: `strlen(${json}) > ${maxTextBytes}`,
      what: `JSON of more than ${maxTextBytes} bytes`,
      hint: "keep less of it",
    },
    { breaks: `contains(${json}, '\\u0000')`, what: "a NUL character in a text", hint: "take it out in the query" },
  ];
}
