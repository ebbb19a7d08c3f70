// Finds the line and column of a property in the text of a configuration file, so that an error can point at it.

/** Counted from 1, as editors do. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}

/**
 * Position of the property at `path` (`["config", "load", "days"]`), or of the deepest part of the path that is there.
 * Works on object literals of JavaScript, TypeScript and JSON; `undefined` when not even the first part is found.
 */
export function locateProperty(source: string, path: readonly PropertyKey[]): SourcePosition | undefined {
  const tokens = tokenize(source);
  let best: number | undefined;
  let depth = 0;
  let from = 0;
  for (const key of path) {
    const found = findKey(tokens, String(key), from, depth);
    if (found === undefined) break;
    best = tokens[found.token]?.offset;
    ({ depth, token: from } = found);
  }
  return best === undefined ? undefined : toPosition(source, best);
}

interface Token {
  readonly kind: "name" | "punctuation";
  readonly text: string;
  readonly offset: number;
}

// The first `key:` inside the braces that open at or after `from`; at the top, at whatever depth it comes first.
function findKey(tokens: readonly Token[], key: string, from: number, parentDepth: number): { token: number; depth: number } | undefined {
  let depth = parentDepth;
  for (let index = from; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined) return undefined;
    if ("{[(".includes(token.text)) depth += 1;
    if ("}])".includes(token.text)) depth -= 1;
    if (parentDepth > 0 && depth < parentDepth) return undefined;
    const isKey = token.kind === "name" && token.text === key && tokens[index + 1]?.text === ":";
    if (isKey && (parentDepth === 0 || depth === parentDepth + 1)) return { token: index, depth };
  }
  return undefined;
}

// Names (bare or quoted) and the punctuation that nests; comments, numbers and templates are passed over.
function tokenize(source: string): Token[] {
  const pattern = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|`(?:\\[\s\S]|[^`\\])*`|"((?:\\.|[^"\\\n])*)"|'((?:\\.|[^'\\\n])*)'|([A-Za-z_$][\w$]*)|([{}[\]():,])/g;
  const tokens: Token[] = [];
  for (const match of source.matchAll(pattern)) {
    const name = match[1] ?? match[2] ?? match[3];
    if (name !== undefined) tokens.push({ kind: "name", text: name, offset: match.index });
    else if (match[4] !== undefined) tokens.push({ kind: "punctuation", text: match[4], offset: match.index });
  }
  return tokens;
}

function toPosition(source: string, offset: number): SourcePosition {
  const before = source.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
