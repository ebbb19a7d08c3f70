// The values behind the nodes of a YAML document, as JSON could write them: no number that is not the one that was written, no
// key that is not a text, and aliases only as far as they stay small.
import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar } from "yaml";

/** What is wrong at a place of the text; the caller knows the file. */
export class TextProblem extends Error {
  readonly offset: number;
  readonly hint: string | undefined;

  constructor(node: unknown, message: string, hint?: string) {
    super(message);
    this.offset = (node as Node | undefined)?.range?.[0] ?? 0;
    this.hint = hint;
  }
}

/** With aliases counted as often as they are used: a few lines can stand for a billion values. */
const maxValues = 100_000;

/** @throws TextProblem for what the text means otherwise than it looks */
export function toValue(document: Document.Parsed, root: Node): unknown {
  return new ValueReader(document).read(root);
}

class ValueReader {
  readonly #document: Document.Parsed;
  /** Nodes that the current one lies in, for an alias of one of them. */
  readonly #open = new Set<unknown>();
  #count = 0;

  constructor(document: Document.Parsed) {
    this.#document = document;
  }

  read(node: unknown): unknown {
    this.#count += 1;
    if (this.#count > maxValues) throw new TextProblem(node, `it stands for more than ${maxValues} values`, bombHint);
    if (isAlias(node)) return this.#target(node);
    if (isSeq(node)) return this.#inside(node, () => node.items.map((item) => this.read(item)));
    if (isMap(node)) return this.#inside(node, () => this.#object(node.items));
    if (isScalar(node)) return scalarValue(node);
    return null;
  }

  #target(alias: Alias): unknown {
    const target = alias.resolve(this.#document);
    if (this.#open.has(target)) throw new TextProblem(alias, "an alias stands in what it stands for");
    return this.read(target);
  }

  #inside<T>(node: unknown, work: () => T): T {
    this.#open.add(node);
    try {
      return work();
    } finally {
      this.#open.delete(node);
    }
  }

  #object(pairs: readonly Pair[]): Readonly<Record<string, unknown>> {
    const entries = pairs.map(({ key, value }) => [keyOf(key), this.read(value)] as const);
    // `__proto__` becomes a key as any other
    return Object.fromEntries(entries);
  }
}

function keyOf(key: unknown): string {
  if (isScalar(key) && typeof key.value === "string") return key.value;
  if (isMap(key)) throw new TextProblem(key, "a text that begins with `{` is read as an object", bracesHint);
  const shown = isScalar(key) ? `: \`${String(key.source ?? key.value)}\`` : " a list";
  throw new TextProblem(key, `expected a key to be a text, got${shown}`, "put the key in quotes");
}

function scalarValue(scalar: Scalar): unknown {
  const { value, source = "" } = scalar;
  if (typeof value === "bigint" || typeof value === "number") return numberValue(scalar, Number(value), source);
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  throw new TextProblem(scalar, "expected a text, a number, true, false or null", "leave the tag out");
}

/** Whoever writes `1.10`, `007` or twenty digits may mean a text, and a service would get another one. */
function numberValue(scalar: Scalar, value: number, source: string): number {
  if (String(value) === source) return value;
  if (/^-?\d+$/.test(source) && !/^-?0\d/.test(source)) {
    throw new TextProblem(
      scalar,
      `a number cannot hold all digits of \`${source}\``,
      "put it in quotes; it is sent as it is",
    );
  }
  const reading = Number.isFinite(value) ? `the number \`${value}\`` : "no number that JSON has";
  throw new TextProblem(scalar, `\`${source}\` is read as ${reading}`, textHint);
}

const textHint = "put it in quotes if it is a text; else write the number as it is read";
const bombHint = "aliases repeat what they stand for; write the job without them";
const bracesHint = 'put a text with variables in quotes: `"{{params.day}}"`';
