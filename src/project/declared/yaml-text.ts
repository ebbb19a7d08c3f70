// Text of YAML or JSON as values, each with its place. What YAML would read as something else than was meant is refused here.
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from "yaml";
import { MillraceError } from "../../core/errors/errors.ts";
import type { SourcePosition } from "../locate-property.ts";
import { TextProblem, toValue } from "./yaml-value.ts";

/** One document of a file. */
export interface TextDocument {
  /** Texts, numbers, true, false, null, lists and plain objects. */
  readonly value: unknown;
  /** Where the key or the item at the path stands, or the deepest part of the path that is there. */
  readonly placeOf: (path: readonly PropertyKey[]) => SourcePosition;
}

/** A file of jobs is written by people; more than this is data. */
const maxCharacters = 4 * 1024 * 1024;

/**
 * The documents of a file that are not empty.
 * @param file relative to the project, for messages
 * @throws MillraceError `MODULE_UNREADABLE` with line and column
 */
export function parseText(text: string, file: string): readonly TextDocument[] {
  if (text.length > maxCharacters) throw unreadable(file, undefined, `it has more than ${maxCharacters} characters`);
  if (file.endsWith(".json")) assertJson(text, file);
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    version: "1.2",
    schema: "core",
    // a number that a double cannot hold is found by this
    intAsBigInt: true,
    logLevel: "silent",
  });
  const parsed = Array.isArray(documents) ? documents : [];
  return parsed.flatMap((document) => {
    const place = (offset: number): SourcePosition => toPosition(lines, offset);
    assertParsed(document, file, place);
    const { contents } = document;
    if (contents === null || (isScalar(contents) && contents.value === null)) return [];
    return [{ value: valueOf(document, contents, file, place), placeOf: (path) => place(offsetOf(contents, path)) }];
  });
}

/** The error for text that cannot be read. */
export function unreadable(
  file: string,
  place: SourcePosition | undefined,
  problem: string,
  hint?: string,
): MillraceError {
  const where = place === undefined ? file : `${file}:${place.line}:${place.column}`;
  const details = place === undefined ? {} : { details: { place } };
  return new MillraceError("MODULE_UNREADABLE", `${where}: ${problem}`, {
    ...details,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** YAML takes more than JSON allows, such as comments, which other readers of a `.json` do not. */
function assertJson(text: string, file: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const found = / \(line (\d+) column (\d+)\)$/.exec(message);
    const place = found === null ? undefined : { line: Number(found[1]), column: Number(found[2]) };
    throw unreadable(file, place, message.replace(/ at position \d+.*$/, ""));
  }
}

function assertParsed(document: Document.Parsed, file: string, place: (offset: number) => SourcePosition): void {
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    const [message = ""] = problem.message.split("\n");
    throw unreadable(file, place(problem.pos[0]), lowerFirst(message), hints[problem.code]);
  }
  const { yaml } = document.directives;
  if (yaml.explicit !== true || yaml.version === "1.2") return;
  throw unreadable(file, place(0), `expected YAML 1.2, got: \`${yaml.version}\``, "take the directive `%YAML` out");
}

function valueOf(
  document: Document.Parsed,
  contents: Node,
  file: string,
  place: (offset: number) => SourcePosition,
): unknown {
  try {
    return toValue(document, contents);
  } catch (error) {
    if (!(error instanceof TextProblem)) throw error;
    throw unreadable(file, place(error.offset), error.message, error.hint);
  }
}

function offsetOf(root: Node, path: readonly PropertyKey[]): number {
  let offset = root.range?.[0] ?? 0;
  let node: unknown = root;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (pair === undefined) break;
      offset = rangeOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && node.items[Number(key)] !== undefined) {
      node = node.items[Number(key)];
      offset = rangeOf(node) ?? offset;
    } else {
      break;
    }
  }
  return offset;
}

function rangeOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
}

function toPosition(lines: LineCounter, offset: number): SourcePosition {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function lowerFirst(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
}

const hints: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "the second one would take the place of the first; keep one of them",
  TAB_AS_INDENT: "indent by spaces",
  TAG_RESOLVE_FAILED: "leave the tag out; a text with such a mark is put in quotes",
  RESOURCE_EXHAUSTION: "it is nested too deeply to be read",
};
