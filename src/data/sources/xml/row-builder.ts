// Elements on their way → rows. An element with elements in it is an object, any other its text; attributes stand beside their
// element, so that one that comes now and then changes no type.
import type { SaxesTagNS } from "saxes";
import type { MillraceError } from "../../../core/errors/errors.ts";
import type { XmlOptions } from "./options.ts";

type Value = string | null | Fields;
/** Lists have an item for each element, also where an attribute is missing. */
type Fields = Map<string, Value | Value[]>;

interface OpenElement {
  readonly name: string;
  /** Below the row; empty for the row itself. */
  readonly path: string;
  readonly attributes: readonly (readonly [string, string])[];
  readonly isNil: boolean;
  readonly fields: Fields;
  text: string;
}

export class RowBuilder {
  readonly #rowPath: readonly string[];
  readonly #lists: ReadonlySet<string>;
  readonly #prefixes: ReadonlyMap<string, string>;
  readonly #fail: (problem: string, hint?: string) => MillraceError;
  /** Names of the elements around the next row. */
  readonly #around: string[] = [];
  readonly #open: OpenElement[] = [];
  /** Elements that came twice in a row, although nothing says that they are lists. */
  readonly #repeated = new Set<string>();
  #rows: string[] = [];
  #rowCharacters = 0;
  #rowCount = 0;
  /** How many parts of the path to the rows were found. */
  #found = 0;
  #root = "";

  constructor(options: XmlOptions, fail: (problem: string, hint?: string) => MillraceError) {
    this.#rowPath = (options.rows ?? "*.*").split(".");
    this.#lists = new Set(options.lists);
    this.#prefixes = new Map(Object.entries(options.namespaces ?? {}).map(([prefix, uri]) => [uri, prefix]));
    this.#fail = fail;
  }

  open(tag: SaxesTagNS): void {
    const name = this.#nameOf(tag);
    const parent = this.#open.at(-1);
    if (parent !== undefined) {
      this.#push(tag, name, parent.path === "" ? name : `${parent.path}.${name}`);
      return;
    }
    if (this.#around.length === 0) this.#root = name;
    const isOnPath = this.#isOnPath(name);
    if (isOnPath && this.#around.length === this.#rowPath.length - 1) {
      this.#found = this.#rowPath.length;
      this.#push(tag, name, "");
      return;
    }
    this.#around.push(name);
    if (isOnPath) this.#found = Math.max(this.#found, this.#around.length);
  }

  text(text: string): void {
    const element = this.#open.at(-1);
    if (element === undefined) return;
    this.#rowCharacters += text.length;
    if (this.#rowCharacters > maxRowCharacters) throw this.#fail(`a row has more than ${maxRowCharacters} characters`);
    element.text += text;
  }

  close(): void {
    const element = this.#open.pop();
    if (element === undefined) {
      this.#around.pop();
      return;
    }
    const value = this.#valueOf(element);
    const parent = this.#open.at(-1);
    if (parent !== undefined) {
      this.#add(parent, element, value);
      return;
    }
    this.#rowCharacters = 0;
    this.#rowCount += 1;
    const fields = new Map<string, Value | Value[]>(element.attributes.map(([name, text]) => [`@${name}`, text]));
    if (typeof value === "string") fields.set("#text", value);
    else for (const [name, field] of value ?? []) fields.set(name, field);
    this.#rows.push(toJson(fields));
  }

  /** The rows since it was called last. */
  takeRows(): readonly string[] {
    const rows = this.#repeated.size === 0 ? this.#rows : [];
    this.#rows = [];
    return rows;
  }

  /** Called at the end of a document. @throws the error for elements that cannot be columns, and for rows that are nowhere */
  end(): void {
    if (this.#repeated.size > 0) {
      const paths = [...this.#repeated].map((path) => `"${path}"`).join(", ");
      throw this.#fail(
        `elements come more than once in a row: ${paths}`,
        `set \`xml.lists\` of the source: [${paths}]`,
      );
    }
    if (this.#rowCount > 0 || this.#found >= this.#rowPath.length - 1) return;
    const path = this.#rowPath.join(".");
    throw this.#fail(
      `expected the elements \`${path}\` to be there, and the root of the document is \`${this.#root}\``,
      "correct `xml.rows` of the source",
    );
  }

  #isOnPath(name: string): boolean {
    const at = this.#around.length;
    const matches = (own: string, index: number): boolean =>
      this.#rowPath[index] === "*" || this.#rowPath[index] === own;
    return at < this.#rowPath.length && matches(name, at) && this.#around.every(matches);
  }

  #push(tag: SaxesTagNS, name: string, path: string): void {
    if (this.#open.length >= maxDepth) throw this.#fail(`elements are nested more than ${maxDepth} deep`);
    const own = Object.values(tag.attributes).filter(({ uri }) => uri !== xmlnsUri);
    const isNil = own.some(({ uri, local, value }) => uri === xsiUri && local === "nil" && /^(?:true|1)$/.test(value));
    const attributes = own
      .filter(({ uri }) => uri !== xsiUri)
      .map((attribute) => [this.#nameOf(attribute), attribute.value] as const);
    for (const [, value] of attributes) this.#rowCharacters += value.length;
    this.#open.push({ name, path, attributes, isNil, fields: new Map(), text: "" });
  }

  #valueOf({ name, fields, text, isNil }: OpenElement): Value {
    for (const [key, field] of fields) {
      const items = fields.get(key.split("@", 1)[0] ?? "");
      if (Array.isArray(field) && Array.isArray(items)) padList(fields, key, items.length);
    }
    if (fields.size === 0) return isNil || text === "" ? null : text;
    if (text.trim() === "") return fields;
    throw this.#fail(
      `element \`${name}\` has text and elements beside each other, which no column can hold`,
      "have the text written into an element of its own",
    );
  }

  #add({ fields }: OpenElement, { name, path, attributes }: OpenElement, value: Value): void {
    const beside = attributes.map(([attribute, text]) => [`${name}@${attribute}`, text] as const);
    if (!this.#lists.has(path)) {
      if (fields.has(name)) this.#repeated.add(path);
      for (const [key, field] of [[name, value] as const, ...beside]) fields.set(key, field);
      return;
    }
    const before = padList(fields, name, 0).push(value) - 1;
    for (const [key, text] of beside) padList(fields, key, before)[before] = text;
  }

  #nameOf({ uri, local, name }: { readonly uri: string; readonly local: string; readonly name: string }): string {
    const prefix = this.#prefixes.get(uri);
    if (prefix === undefined) return name;
    return prefix === "" ? local : `${prefix}:${local}`;
  }
}

/** The list of a key, with `null` behind its end up to a length. */
function padList(fields: Fields, key: string, length: number): Value[] {
  const known = fields.get(key);
  const list = Array.isArray(known) ? known : [];
  while (list.length < length) list.push(null);
  fields.set(key, list);
  return list;
}

function toJson(value: Value | readonly Value[]): string {
  if (Array.isArray(value)) return `[${value.map((item) => toJson(item as Value)).join(",")}]`;
  if (!(value instanceof Map)) return JSON.stringify(value);
  return `{${Array.from(value, ([key, field]) => `${JSON.stringify(key)}:${toJson(field)}`).join(",")}}`;
}

/** What the engine holds of a row at once. */
const maxRowCharacters = 4 * 1024 ** 2;
const maxDepth = 200;
const xmlnsUri = "http://www.w3.org/2000/xmlns/";
const xsiUri = "http://www.w3.org/2001/XMLSchema-instance";
