// Rows `{ key, value }` whose values are numbers: keys stay bytes, and no text is made of a row.
import { isUtf8 } from "node:buffer";
import type { KeyGroups } from "../key-groups.ts";
import { PairFile } from "./pair-file.ts";
import { assertFinite, kindOf, type ReducedRows, uniteKinds, type ValueKind } from "./reduced-rows.ts";

export class PairRows implements ReducedRows {
  readonly file: string;
  values: ValueKind | undefined;
  readonly #output: PairFile;

  constructor(path: string) {
    this.file = path;
    this.#output = new PairFile(path);
  }

  get rows(): number {
    return this.#output.rows;
  }

  add(groups: KeyGroups): void {
    const value = toNumber(groups);
    this.values = uniteKinds(this.values, kindOf(value));
    const { key, length } = groups;
    if (isText(key, length)) return this.#output.add(key, length, value);
    const text = Buffer.from(groups.text());
    this.#output.add(text, text.length, value);
  }

  commit(): void {
    this.#output.commit();
  }

  [Symbol.dispose](): void {
    this.#output[Symbol.dispose]();
  }
}

function toNumber(groups: KeyGroups): number {
  const total = groups.total();
  try {
    if (typeof total !== "number") {
      throw new TypeError(`expected \`merge\` to return a number, as \`init\` is one, got: \`${typeof total}\``);
    }
    assertFinite(total);
  } catch (cause) {
    throw groups.failed(cause);
  }
  // there is no -0 in JSON, either
  return total + 0;
}

function isText(key: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i += 1) if ((key[i] ?? 0) >= 128) return isUtf8(key.subarray(0, length));
  return true;
}
