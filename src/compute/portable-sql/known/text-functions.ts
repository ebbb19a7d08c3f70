// The functions of texts that a portable query may call. Examples are over the table of `tests/support/spark/portable-rows.ts`.
import { both, isText, literal, type PortableFunction, type Refuse } from "./portable-function.ts";

/** Patterns by which the engines find the same: to Java `.`, `$`, `&&` and `(?` are something else than to RE2. */
const patterns =
  /^(?!.*\(\?)\^?(?:[A-Za-z0-9 ,:;/@%=#_"'<>!~-]|\[\^?[A-Za-z0-9 ,:;/@%=#_"'<>!~.+*?()|$-]+\]|[()|*+?]|\{\d+(?:,\d*)?\})*$/;

/** Those that both print the same way. */
const areTexts: Refuse = (values) => {
  const other = values.find(({ kind }) => !["text", "integer", "date", "unknown", "null"].includes(kind));
  return other === undefined
    ? undefined
    : { why: "the engines print other values in different ways", instead: "write `cast(… as string)` of them" };
};

/** In the order of the docs. */
export const textFunctions: readonly PortableFunction[] = [
  {
    name: "length",
    call: "length(text)",
    group: "text",
    arguments: [1, 1],
    gives: "integer",
    refuse: isText,
    note: "characters, not bytes",
    examples: ["length(t)"],
  },
  {
    name: "substr",
    call: "substr(text, start, length)",
    group: "text",
    arguments: [2, 3],
    gives: "text",
    refuse: both(
      isText,
      literal(1, /^[1-9]\d*$/, "write the start as a number from 1"),
      literal(2, /^\d+$/, "write the length as a number"),
    ),
    note: "start and length are numbers in the query, start from 1",
    examples: ["substr(t, 1, 3)", "substr(t, 2)", "substr(t, 4, 0)"],
  },
  {
    name: "left",
    call: "left(text, n)",
    group: "text",
    arguments: [2, 2],
    gives: "text",
    refuse: both(isText, literal(1, /^\d+$/, "write the length as a number")),
    note: "n is a number in the query",
    examples: ["left(t, 2)", "left(t, 0)"],
  },
  {
    name: "right",
    call: "right(text, n)",
    group: "text",
    arguments: [2, 2],
    gives: "text",
    refuse: both(isText, literal(1, /^\d+$/, "write the length as a number")),
    note: "n is a number in the query",
    examples: ["right(t, 2)", "right(t, 0)"],
  },
  {
    name: "lpad",
    call: "lpad(text, n, fill)",
    group: "text",
    arguments: [3, 3],
    gives: "text",
    refuse: both(isText, literal(1, /^\d+$/, "write the length as a number"), literal(2, /./, "write what fills it")),
    examples: ["lpad(t, 5, '*')", "lpad(t, 9, 'ab')"],
  },
  {
    name: "rpad",
    call: "rpad(text, n, fill)",
    group: "text",
    arguments: [3, 3],
    gives: "text",
    refuse: both(isText, literal(1, /^\d+$/, "write the length as a number"), literal(2, /./, "write what fills it")),
    examples: ["rpad(t, 5, '*')", "rpad(t, 9, 'ab')"],
  },
  {
    name: "replace",
    call: "replace(text, from, to)",
    group: "text",
    arguments: [3, 3],
    gives: "text",
    refuse: both(isText, literal(1, /./, "write what is replaced")),
    examples: ["replace(t, 'a', 'xy')", "replace(t, 'b', '')"],
  },
  {
    name: "split_part",
    call: "split_part(text, separator, n)",
    group: "text",
    arguments: [3, 3],
    gives: "text",
    refuse: both(
      isText,
      literal(1, /./, "write the separator"),
      literal(2, /^[1-9]\d*$/, "write the place as a number from 1"),
    ),
    note: "separator and n are in the query, n from 1",
    examples: ["split_part(t, ',', 1)", "split_part(t, ',', 2)", "split_part(t, 'a', 9)"],
  },
  {
    name: "instr",
    call: "instr(text, part)",
    group: "text",
    arguments: [2, 2],
    gives: "integer",
    refuse: both(isText, literal(1, /./, "write the part")),
    examples: ["instr(t, 'b')", "instr(t, ', ')"],
  },
  {
    name: "contains",
    call: "contains(text, part)",
    group: "text",
    arguments: [2, 2],
    gives: "boolean",
    refuse: isText,
    examples: ["contains(t, 'b')"],
  },
  {
    name: "repeat",
    call: "repeat(text, n)",
    group: "text",
    arguments: [2, 2],
    gives: "text",
    refuse: both(isText, literal(1, /^\d+$/, "write how often as a number")),
    examples: ["repeat(t, 2)", "repeat(t, 0)"],
  },
  {
    name: "concat_ws",
    call: "concat_ws(separator, a, b, …)",
    group: "text",
    arguments: [2, 20],
    gives: "text",
    refuse: both(literal(0, /^[^]*$/, "write the separator"), areTexts),
    note: "leaves NULLs out",
    examples: ["concat_ws('-', t, g, 'z')"],
  },
  {
    name: "md5",
    call: "md5(text)",
    group: "text",
    arguments: [1, 1],
    gives: "text",
    refuse: isText,
    examples: ["md5(t)"],
  },
  {
    name: "regexp_extract",
    call: "regexp_extract(text, pattern, group)",
    group: "text",
    arguments: [3, 3],
    gives: "text",
    refuse: both(
      isText,
      literal(1, patterns, "write a pattern of letters, digits, lists such as `[^,]`, groups and repetitions"),
      literal(2, /^\d$/, "write the group as a number"),
    ),
    note: "the pattern has no backslash, no `.`, `$` and `&` outside of what stands for itself, `^` only at its start, and no `(?`",
    examples: [
      "regexp_extract(t, '([a-z]+)([0-9]*)', 1)",
      "regexp_extract(t, '^([^,]*),', 1)",
      "regexp_extract(t, '(a|b){1,2}[.,]?', 0)",
      "regexp_extract(t, '[0-9]+', 0)",
    ],
  },
  {
    name: "chr",
    call: "chr(n)",
    group: "text",
    arguments: [1, 1],
    gives: "text",
    refuse: literal(0, /^([1-9]|[1-9]\d|1[01]\d|12[0-7])$/, "write a number from 1 to 127"),
    note: "the character with a number up to 127, such as the backslash, `chr(92)`",
    examples: ["t || chr(92) || chr(10)"],
  },
];
