// Reads the engine's text form of a type, e.g. `STRUCT(a INTEGER, "b c" DECIMAL(18,2)[])`, into a tree.
import { MillraceError } from "../../core/errors.ts";

export type EngineType =
  | { readonly kind: "scalar"; readonly name: string; readonly arguments: readonly string[] }
  | { readonly kind: "list"; readonly element: EngineType }
  | { readonly kind: "struct"; readonly fields: readonly { readonly name: string; readonly type: EngineType }[] }
  | { readonly kind: "map"; readonly key: EngineType; readonly value: EngineType };

/** @throws MillraceError `VALUE_INVALID` for text that is no type */
export function parseEngineType(text: string): EngineType {
  const tokens = Array.from(text.matchAll(token), ([found]) => found);
  const reader = new TypeReader(text, tokens);
  const type = reader.readType();
  reader.expectEnd();
  return type;
}

const token = /"(?:[^"]|"")*"|'(?:[^']|'')*'|[A-Za-z_0-9]+|[()[\],]/g;

class TypeReader {
  readonly #text: string;
  readonly #tokens: readonly string[];
  #next = 0;

  constructor(text: string, tokens: readonly string[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  readType(): EngineType {
    let type = this.#readPlain();
    while (this.#peek() === "[") {
      this.#take();
      if (this.#peek() !== "]") this.#take(); // the length of a fixed array
      this.#expect("]");
      type = { kind: "list", element: type };
    }
    return type;
  }

  expectEnd(): void {
    if (this.#next !== this.#tokens.length) throw this.#invalid();
  }

  #readPlain(): EngineType {
    const name = this.#take().toUpperCase();
    if (name === "STRUCT" && this.#peek() === "(") return { kind: "struct", fields: this.#readFields() };
    if (name === "MAP" && this.#peek() === "(") {
      this.#expect("(");
      const key = this.readType();
      this.#expect(",");
      const value = this.readType();
      this.#expect(")");
      return { kind: "map", key, value };
    }
    return this.#readScalar(name);
  }

  /** `DECIMAL(18,2)`, `ENUM('a', 'b')`, `TIMESTAMP WITH TIME ZONE`; what is in brackets is kept as it is. */
  #readScalar(first: string): EngineType {
    const words = [first.replaceAll('"', "")];
    while (/^[A-Za-z_]+$/.test(this.#peek() ?? "")) words.push(this.#take().toUpperCase());
    const found: string[] = [];
    if (this.#peek() === "(") {
      let depth = 0;
      do {
        const part = this.#take();
        depth += part === "(" ? 1 : part === ")" ? -1 : 0;
        if (!/^[(),]$/.test(part)) found.push(part);
      } while (depth > 0);
    }
    return { kind: "scalar", name: words.join(" "), arguments: found };
  }

  #readFields(): { name: string; type: EngineType }[] {
    const fields: { name: string; type: EngineType }[] = [];
    this.#expect("(");
    for (;;) {
      const quoted = this.#take();
      const name = quoted.startsWith('"') ? quoted.slice(1, -1).replaceAll('""', '"') : quoted;
      fields.push({ name, type: this.readType() });
      if (this.#take() === ")") return fields;
    }
  }

  #peek(): string | undefined {
    return this.#tokens[this.#next];
  }

  #take(): string {
    const found = this.#tokens[this.#next];
    if (found === undefined) throw this.#invalid();
    this.#next += 1;
    return found;
  }

  #expect(wanted: string): void {
    if (this.#take() !== wanted) throw this.#invalid();
  }

  #invalid(): MillraceError {
    return new MillraceError("VALUE_INVALID", `expected a SQL type, got: \`${this.#text}\``);
  }
}
