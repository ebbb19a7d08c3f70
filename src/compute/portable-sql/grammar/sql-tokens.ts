// Cuts SQL into words, texts and signs, and refuses what the two engines cut otherwise: escapes, hints, suffixes of numbers.
import { NotPortable, type Refusal } from "./refuse-sql.ts";

export interface SqlToken {
  readonly kind: "word" | "quoted" | "text" | "number" | "sign" | "end";
  /** As it is written. */
  readonly text: string;
  /** Words in lower case; texts and quoted names without their quotes. */
  readonly value: string;
  /** Characters before it. */
  readonly at: number;
}

/** Ends with a token of the kind `end`. @throws NotPortable */
export function readTokens(sql: string): readonly SqlToken[] {
  const tokens: SqlToken[] = [];
  for (let at = 0; at < sql.length;) {
    const [kind, text] = readPart(sql, at);
    if (kind !== "space") tokens.push({ kind, text, value: toValue(kind, text), at });
    at += text.length;
  }
  assertApart(tokens, sql);
  return [...tokens, { kind: "end", text: "", value: "", at: sql.length }];
}

const parts: readonly (readonly [SqlToken["kind"] | "space", RegExp])[] = [
  ["space", /[ \t\r\n]+|--[^\r\n]*|\/\*[^]*?\*\//y],
  ["text", /'(?:[^']|'')*'/y],
  ["quoted", /"[^"]*"/y],
  ["number", /(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y],
  ["word", /[A-Za-z_][A-Za-z0-9_]*/y],
  ["sign", /<>|!=|<=|>=|\|\||[(),.*+\-/%=<>;]/y],
];

function readPart(sql: string, at: number): readonly [SqlToken["kind"] | "space", string] {
  const known = foreignSigns.find(({ sign }) => sql.startsWith(sign, at));
  if (known !== undefined) throw new NotPortable({ at, ...known });
  for (const [kind, pattern] of parts) {
    pattern.lastIndex = at;
    const text = pattern.exec(sql)?.[0];
    if (text === undefined) continue;
    const refusal = refuseInside(kind, text);
    if (refusal !== undefined) throw new NotPortable({ at, ...refusal });
    return [kind, text];
  }
  throw new NotPortable({ at, ...refuseCharacter(sql, at) });
}

type Reason = Omit<Refusal, "at">;

/** Signs that begin something else to one engine, the longest first. */
const foreignSigns: readonly (Reason & { readonly sign: string })[] = [
  { sign: "/*+", what: "`/*+`", why: "Spark takes it for a hint, DuckDB for a comment", instead: "leave it out" },
  {
    sign: "//",
    what: "the operator `//`",
    why: "only DuckDB has it",
    instead: "write `cast(a as double) / nullif(b, 0)`, with `round` around it",
  },
  {
    sign: "::",
    what: "`::`",
    why: "its casts are those of each engine, which round otherwise",
    instead: "write `cast(… as …)`",
  },
  { sign: "==", what: "the operator `==`", why: "SQL has another one", instead: "write `=`" },
  {
    sign: "->",
    what: "`->`",
    why: "functions as values differ between the engines",
    instead: "name the engine of the job",
  },
  {
    sign: "^",
    what: "the operator `^`",
    why: "DuckDB raises to a power, Spark combines bits",
    instead: "multiply, or name the engine of the job",
  },
  {
    sign: "~",
    what: "the operator `~`",
    why: "DuckDB matches a pattern or inverts bits, Spark inverts bits",
    instead: "write `regexp_extract(text, pattern, 0) <> ''`",
  },
  { sign: "`", what: "a name in back quotes", why: "only Spark reads it", instead: 'write `"name"`' },
  {
    sign: "[",
    what: "`[`",
    why: "DuckDB counts places in lists from 1, Spark from 0, and only DuckDB has lists in brackets",
    instead: "name the engine of the job",
  },
  { sign: "{", what: "`{`", why: "only DuckDB has structs in braces", instead: "name the engine of the job" },
];

function refuseInside(kind: SqlToken["kind"] | "space", text: string): Reason | undefined {
  if (kind === "space") return refuseComment(text);
  if (kind !== "text" && kind !== "quoted") return undefined;
  const what = kind === "text" ? "a text" : "a name";
  if (/\$\{/.test(text)) {
    return { what: `${what} with \`\${\``, why: "Spark puts the value of a variable there", instead: "leave it out" };
  }
  if (!text.includes("\\")) return undefined;
  const reason = {
    why: "only Spark takes it for an escape",
    instead: "write it otherwise, or name the engine of the job",
  };
  return { what: `${what} with a backslash`, ...reason };
}

function refuseComment(text: string): Reason | undefined {
  if (text.startsWith("--") && text.endsWith("\\")) {
    return {
      what: "a comment that ends with a backslash",
      why: "to Spark it goes on in the next line",
      instead: "leave it out",
    };
  }
  if (text.startsWith("/*") && text.includes("/*", 2)) {
    return {
      what: "a comment in a comment",
      why: "the engines end it at different places",
      instead: "write one comment",
    };
  }
  return undefined;
}

function refuseCharacter(sql: string, at: number): Reason {
  const character = String.fromCodePoint(sql.codePointAt(at) ?? 0);
  if (character === "'" || character === '"' || sql.startsWith("/*", at)) {
    return {
      what: `\`${sql.slice(at, at + 2).trim()}\` without an end`,
      why: "no engine reads it",
      instead: "write its end",
    };
  }
  if (/\p{L}/u.test(character)) {
    return {
      what: `\`${character}\``,
      why: "Spark reads such letters in quoted names only",
      instead: 'write `"name"`',
    };
  }
  return {
    what: `\`${character}\``,
    why: "it is not part of the subset",
    instead: "look at docs/reference/sql-dialects.md",
  };
}

/** What stands without a space between must be what it seems: `1L`, `e'…'` and `'a''b'` beside each other are something else to one of them. */
function assertApart(tokens: readonly SqlToken[], sql: string): void {
  for (const [place, token] of tokens.entries()) {
    const next = tokens[place + 1];
    if (next === undefined) return;
    if (token.kind === "text" && next.kind === "text") {
      const instead = "write `||` between them";
      throw new NotPortable({ at: next.at, what: "a text behind a text", why: "only Spark joins them", instead });
    }
    const isClose = token.at + token.text.length === next.at;
    if (!isClose) continue;
    if (token.kind === "word" && next.kind === "text") {
      const what = `\`${sql.slice(token.at, next.at + 1)}\``;
      throw new NotPortable({
        at: token.at,
        what,
        why: "letters before a text mean something else to each engine",
        instead: "write a space between them, or the text alone",
      });
    }
    if (token.kind === "number" && (next.kind === "word" || next.kind === "number" || next.text === ".")) {
      const what = `\`${token.text}${next.text}\``;
      throw new NotPortable({
        at: token.at,
        what,
        why: "to Spark the letters are a type, to DuckDB an alias",
        instead: "write the number alone, or `cast(… as …)`",
      });
    }
  }
}

function toValue(kind: SqlToken["kind"], text: string): string {
  if (kind === "text") return text.slice(1, -1).replaceAll("''", "'");
  return kind === "quoted" ? text.slice(1, -1) : text.toLowerCase();
}
