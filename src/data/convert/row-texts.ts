// Rows of functions as lines of JSON in which every value is a text, so that no number goes through a double on its way back; and
// what kinds of values each column had.
import type { ConvertRow } from "../../core/dataset/convert-step.ts";
import { quoteIdentifier } from "../../compute/engine.ts";
import { MillraceError } from "../../core/errors/errors.ts";

type Kind = "text" | "integer" | "number" | "boolean" | "instant" | "bytes";

/** What was found at a place of rows. */
interface Found {
  readonly kinds: Set<Kind>;
  element?: Found;
  fields?: Map<string, Found>;
  /** Whether an integer needs more than 64 bits. */
  isWide?: boolean;
}

export class RowTexts {
  /** Bytes of the longest line, or more. */
  longest = 0;
  readonly #where: string;
  readonly #columns = new Map<string, Found>();
  /** Names in lower case, since upper and lower case are one name. */
  readonly #spelling = new Map<string, string>();

  /** @param where names the step in messages */
  constructor(where: string) {
    this.#where = where;
  }

  /** A row as a line, without its end. @throws MillraceError `CONVERT_FAILED` for what no column can hold */
  write(row: ConvertRow): string {
    if (typeof row !== "object" || row === null || Array.isArray(row)) {
      throw this.#refuse(
        `expected a function to return rows, which are objects, got: \`${Array.isArray(row) ? "a list" : String(row)}\``,
      );
    }
    const fields = Object.entries(row).flatMap(([name, value]) => {
      if (value === undefined) return [];
      return [`${JSON.stringify(this.#spell(name))}:${this.#text(value, this.#column(name), name)}`];
    });
    const line = `{${fields.join(",")}}`;
    // a character has up to three bytes
    this.longest = Math.max(this.longest, line.length * 3);
    return line;
  }

  /** Columns in the order in which they came. */
  names(): readonly string[] {
    return [...this.#columns.keys()];
  }

  /** The type of a column's values. @throws MillraceError `CONVERT_FAILED` for values of several kinds */
  typeOf(name: string): string {
    return this.#typeOf(this.#column(name), name);
  }

  #spell(name: string): string {
    const lower = name.toLowerCase();
    const known = this.#spelling.get(lower);
    if (known !== undefined) return known;
    if (name === "") throw this.#refuse("a column needs a name");
    this.#spelling.set(lower, name);
    return name;
  }

  #column(name: string): Found {
    const spelled = this.#spell(name);
    let found = this.#columns.get(spelled);
    if (found === undefined) this.#columns.set(spelled, (found = { kinds: new Set() }));
    return found;
  }

  #text(value: unknown, found: Found, name: string): string {
    if (value === null || value === undefined) return "null";
    if (typeof value === "string") return this.#note(found, "text", value);
    if (typeof value === "number")
      return this.#note(found, Number.isSafeInteger(value) ? "integer" : "number", String(value));
    if (typeof value === "bigint") {
      if (BigInt.asIntN(64, value) !== value) found.isWide = true;
      return this.#note(found, "integer", String(value));
    }
    if (typeof value === "boolean") return this.#note(found, "boolean", String(value));
    if (value instanceof Date) return this.#note(found, "instant", this.#instant(value, name));
    if (value instanceof Uint8Array) return this.#note(found, "bytes", Buffer.from(value).toString("base64"));
    if (Array.isArray(value)) {
      const element = (found.element ??= { kinds: new Set() });
      return `[${value.map((item) => this.#text(item, element, name)).join(",")}]`;
    }
    if (typeof value !== "object") throw this.#refuse(`column \`${name}\` cannot hold a ${typeof value}`);
    const fields = (found.fields ??= new Map<string, Found>());
    const list = Object.entries(value).map(([field, inner]) => {
      let place = fields.get(field);
      if (place === undefined) fields.set(field, (place = { kinds: new Set() }));
      return `${JSON.stringify(field)}:${this.#text(inner, place, name)}`;
    });
    return `{${list.join(",")}}`;
  }

  #note(found: Found, kind: Kind, text: string): string {
    found.kinds.add(kind);
    return JSON.stringify(text);
  }

  #instant(value: Date, name: string): string {
    if (Number.isNaN(value.getTime())) throw this.#refuse(`column \`${name}\` cannot hold an invalid date`);
    return value.toISOString();
  }

  #typeOf({ kinds, element, fields, isWide }: Found, name: string): string {
    const all = [...kinds, ...(element === undefined ? [] : ["list"]), ...(fields === undefined ? [] : ["object"])];
    const isNumber = all.every((kind) => kind === "integer" || kind === "number");
    if (all.length > 1 && !(isNumber && isWide !== true)) {
      throw this.#refuse(
        `column \`${name}\` has values of several kinds: ${all.join(", ")}`,
        `say its type in \`columns\` of the step: \`columns: { ${name}: "VARCHAR" }\``,
      );
    }
    if (element !== undefined) return `${this.#typeOf(element, name)}[]`;
    if (fields !== undefined) {
      if (fields.size === 0) throw this.#refuse(`column \`${name}\` has objects without a field`);
      const list = Array.from(fields, ([field, inner]) => `${quoteIdentifier(field)} ${this.#typeOf(inner, name)}`);
      return `STRUCT(${list.join(", ")})`;
    }
    if (all.length === 0) return "VARCHAR";
    if (isNumber) return kinds.has("number") ? "DOUBLE" : isWide === true ? "HUGEINT" : "BIGINT";
    return plainTypes[all[0] ?? "text"] ?? "VARCHAR";
  }

  #refuse(message: string, hint?: string): MillraceError {
    return new MillraceError("CONVERT_FAILED", `${this.#where}: ${message}`, hint === undefined ? {} : { hint });
  }
}

const plainTypes: Readonly<Record<string, string>> = {
  boolean: "BOOLEAN",
  instant: "TIMESTAMP WITH TIME ZONE",
  bytes: "BLOB",
};
