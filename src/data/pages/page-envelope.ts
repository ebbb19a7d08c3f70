// An answer without its rows, as JSON text: what pagination and rules look at.
import type { MillraceError } from "../../core/errors/errors.ts";

const maxLength = 1024 * 1024;

/** Put together in the order of the answer. */
export class PageEnvelope {
  #text = "";
  /** Whether the innermost container has something, for the comma. */
  readonly #hasItems: boolean[] = [];
  #names: string[] = [];

  /** A whole value. @param key JSON text of its name, in an object */
  add(key: string | undefined, value: string, tooLarge: () => MillraceError): void {
    if (this.#text.length + value.length > maxLength) throw tooLarge();
    this.#begin(key);
    this.#text += value;
  }

  open(key: string | undefined, bracket: "{" | "["): void {
    this.#begin(key);
    this.#text += bracket;
    this.#hasItems.push(false);
    this.#names = [];
  }

  close(bracket: "}" | "]"): void {
    this.#text += bracket;
    this.#hasItems.pop();
  }

  /** Empty when the answer as a whole is a row. */
  text(): string {
    return this.#text;
  }

  /** Which fields the object has that was opened last, for people. */
  fieldsOfLast(): string {
    if (this.#names.length === 0) return "the object has no field";
    return `the object has ${this.#names.slice(0, 10).join(", ")}${this.#names.length > 10 ? " and more" : ""}`;
  }

  #begin(key: string | undefined): void {
    if (this.#hasItems.at(-1) === true) this.#text += ",";
    if (this.#hasItems.length > 0) this.#hasItems[this.#hasItems.length - 1] = true;
    if (key === undefined) return;
    this.#text += `${key}:`;
    this.#names.push(`\`${key.slice(1, -1)}\``);
  }
}
