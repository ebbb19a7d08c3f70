// SQL as text, where only its ends matter: what is inside is the engine's to read.

/**
 * The statement without what may follow it: semicolons, white space and comments, so that it can be put in brackets.
 * What looks like one of them inside a text, a quoted name or between two statements stays.
 */
export function trimStatement(sql: string): string {
  let end = 0;
  for (let at = 0; at < sql.length;) {
    const comment = commentEnd(sql, at);
    if (comment !== undefined) {
      at = comment;
      continue;
    }
    part.lastIndex = at;
    const [found = ""] = part.exec(sql) ?? [];
    at += found.length;
    if (found.trim() !== "" && found !== ";") end = at;
  }
  return sql.slice(0, end);
}

/** A text (also `E'…'` and `$tag$…$tag$`), a quoted name, a word, white space, or any other character; what has no end goes to the end. */
const part =
  /[eE]'(?:[^'\\]|\\[^]|'')*(?:'|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|(?<tag>\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$)(?:[^]*?\k<tag>|[^]*$)|[\p{L}\p{N}_$]+|\s+|[^]/uy;

/** Where a comment that begins here ends; comments between `/*` and its end may hold others. */
function commentEnd(sql: string, start: number): number | undefined {
  if (sql.startsWith("--", start)) {
    const end = sql.indexOf("\n", start);
    return end < 0 ? sql.length : end;
  }
  if (!sql.startsWith("/*", start)) return undefined;
  let depth = 0;
  for (const { 0: found, index } of sql.slice(start).matchAll(/\/\*|\*\//g)) {
    depth += found === "/*" ? 1 : -1;
    if (depth === 0) return start + index + found.length;
  }
  return sql.length;
}
