// Finds the line and column of a property in the text of a configuration file, so that an error can point at it.

/** Counted from 1, as editors do. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}

/**
 * Position of the property at `path` (`["config", "load", "days"]`), or of the deepest part of the path that is there.
 * Works on object literals of JavaScript, TypeScript and JSON; `undefined` when not even the first part is found.
 * It reads tokens, not syntax: a regular expression with a quote or a bracket in it can lead it astray.
 */
export function locateProperty(source: string, path: readonly PropertyKey[]): SourcePosition | undefined {
  const tokens = tokenize(source);
  // What is exported comes first; it may also be a name that stands for an object written further up.
  const exported = tokens.findIndex(({ text }, index) => text === "export" && tokens[index + 1]?.text === "default");
  const found = findDeepest(tokens, path, Math.max(0, exported)) ?? findDeepest(tokens, path, 0);
  return found === undefined ? undefined : toPosition(source, found.offset);
}

interface Token {
  readonly kind: "name" | "punctuation";
  readonly text: string;
  readonly offset: number;
}

function findDeepest(tokens: readonly Token[], path: readonly PropertyKey[], start: number): Token | undefined {
  let deepest: number | undefined;
  for (const [level, key] of path.entries()) {
    const found: number | undefined =
      level === 0 ? findFirst(tokens, String(key), start) : findInside(tokens, String(key), deepest ?? 0);
    if (found === undefined) break;
    deepest = found;
  }
  return deepest === undefined ? undefined : tokens[deepest];
}

// The shallowest, and among those the first, because the outermost object is what the file is about.
function findFirst(tokens: readonly Token[], key: string, start: number): number | undefined {
  let best: number | undefined;
  let bestDepth = Infinity;
  let depth = 0;
  for (let index = start; index < tokens.length; index += 1) {
    depth += nesting(tokens[index]);
    if (depth >= bestDepth || !isProperty(tokens, index, key)) continue;
    [best, bestDepth] = [index, depth];
  }
  return best;
}

// Directly inside the value of the property at `parent`, which ends with its comma or its object.
function findInside(tokens: readonly Token[], key: string, parent: number): number | undefined {
  let depth = 0;
  for (let index = parent + 2; index < tokens.length; index += 1) {
    const token = tokens[index];
    depth += nesting(token);
    if (depth < 0 || (depth === 0 && token?.text === "," && token.kind === "punctuation")) return undefined;
    if (depth === 1 && isProperty(tokens, index, key)) return index;
  }
  return undefined;
}

// `key: …`, `key,` and `key() {` after the brace or comma that a property follows.
function isProperty(tokens: readonly Token[], index: number, key: string): boolean {
  const [before, token, after] = [tokens[index - 1], tokens[index], tokens[index + 1]];
  if (token?.kind !== "name" || token.text !== key) return false;
  return isOneOf(before, "{,") && isOneOf(after, ":,}(");
}

function isOneOf(token: Token | undefined, marks: string): boolean {
  return token?.kind === "punctuation" && marks.includes(token.text);
}

function nesting(token: Token | undefined): number {
  if (isOneOf(token, "{[(")) return 1;
  return isOneOf(token, "}])") ? -1 : 0;
}

// Names (bare or quoted) and the punctuation that nests; comments, numbers and templates are passed over.
function tokenize(source: string): Token[] {
  const pattern =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|`(?:\\[\s\S]|[^`\\])*`|("(?:\\.|[^"\\\n])*")|('(?:\\.|[^'\\\n])*')|([\p{L}_$][\p{L}\p{N}_$]*)|([{}[\]():,;])/gu;
  const tokens: Token[] = [];
  for (const match of source.matchAll(pattern)) {
    const [, double, single, bare, punctuation] = match;
    const name = double === undefined ? (single?.slice(1, -1) ?? bare) : unquote(double);
    if (name !== undefined) tokens.push({ kind: "name", text: name, offset: match.index });
    else if (punctuation !== undefined) tokens.push({ kind: "punctuation", text: punctuation, offset: match.index });
  }
  return tokens;
}

function unquote(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text.slice(1, -1);
  }
}

function toPosition(source: string, offset: number): SourcePosition {
  const before = source.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
