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

/** The same among the arguments of the call that stands at `call`. */
export function locateArgument(
  source: string,
  call: SourcePosition,
  path: readonly PropertyKey[],
): SourcePosition | undefined {
  const from = toOffset(source, call);
  const tokens = tokenize(source).filter(({ offset }) => offset >= from);
  const found = findDeepest(tokens.slice(0, endOfCall(tokens)), path, 0);
  return found === undefined ? undefined : toPosition(source, found.offset);
}

export interface DefinedPart {
  readonly options?: readonly string[];
  readonly value?: string;
  /** How many definitions of that name come before the one that is meant. Default 0. */
  readonly after?: number;
}

/**
 * Position of what the job or pipeline of this name says in one of `options`: of the text `value`, else of the first option
 * that is written there, else of the name. `undefined` when no definition with the name as a text is found.
 */
export function locateDefinition(
  source: string,
  name: string,
  { options = [], value, after = 0 }: DefinedPart = {},
): SourcePosition | undefined {
  const tokens = tokenize(source);
  const named = [...tokens.keys()].filter((index) => isNameOf(tokens, index, name))[after] ?? -1;
  const token = tokens[named];
  if (token === undefined) return undefined;
  // The options of a pipeline come behind its name and a comma.
  const start = isOneOf(tokens[named - 1], ":") ? beginOfObject(tokens, named) : named + 2;
  const written = options.flatMap((option) => findInside(tokens, option, start) ?? []);
  const texts = value === undefined ? [] : written.flatMap((option) => findText(tokens, value, option + 2) ?? []);
  const found = tokens[texts[0] ?? written[0] ?? named] ?? token;
  return toPosition(source, found.offset);
}

// `{ name: "load"` of a job and `new JobPipeline("load"` of a pipeline.
function isNameOf(tokens: readonly Token[], index: number, name: string): boolean {
  const token = tokens[index];
  if (token?.kind !== "name" || token.text !== name) return false;
  if (isOneOf(tokens[index - 1], "(")) return tokens[index - 2]?.text === "JobPipeline";
  return isOneOf(tokens[index - 1], ":") && isProperty(tokens, index - 2, "name");
}

function beginOfObject(tokens: readonly Token[], inside: number): number {
  let depth = 0;
  for (let index = inside; index > 0; index -= 1) {
    depth += nesting(tokens[index]);
    if (depth > 0) return index;
  }
  return 0;
}

// In the value that begins at `start`.
function findText(tokens: readonly Token[], text: string, start: number): number | undefined {
  let depth = 0;
  for (let index = start; index < tokens.length; index += 1) {
    const token = tokens[index];
    depth += nesting(token);
    if (token?.kind === "name" && token.text === text) return index;
    if (depth < 0 || (depth === 0 && isOneOf(token, ",}])"))) return undefined;
  }
  return undefined;
}

/** The index behind the bracket that closes the first one. */
function endOfCall(tokens: readonly Token[]): number {
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    depth += nesting(token);
    if (depth === 0 && isOneOf(token, "}])")) return index + 1;
  }
  return tokens.length;
}

interface Token {
  readonly kind: "name" | "punctuation";
  readonly text: string;
  readonly offset: number;
}

function findDeepest(tokens: readonly Token[], path: readonly PropertyKey[], start: number): Token | undefined {
  let deepest: number | undefined;
  let value = 0;
  for (const [level, key] of path.entries()) {
    const found = level === 0 ? findFirst(tokens, String(key), start) : findInside(tokens, key, value);
    if (found === undefined) break;
    deepest = found;
    // The value of a property comes behind its name and the colon, an entry of a list is its value.
    value = typeof key === "number" ? found : found + 2;
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

// Directly inside the object or list that begins at `start`, which ends with its comma or its bracket.
function findInside(tokens: readonly Token[], key: PropertyKey, start: number): number | undefined {
  let depth = 0;
  let entry = 0;
  for (let index = start; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (typeof key === "number" && depth === 1 && entry === key) return isOneOf(token, ",]") ? undefined : index;
    depth += nesting(token);
    if (depth < 0 || (depth === 0 && isOneOf(token, ",}])"))) return undefined;
    if (typeof key === "number") entry += depth === 1 && isOneOf(token, ",") ? 1 : 0;
    else if (depth === 1 && isProperty(tokens, index, String(key))) return index;
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

function toOffset(source: string, { line, column }: SourcePosition): number {
  const before = source.split("\n").slice(0, line - 1);
  return before.reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
}
