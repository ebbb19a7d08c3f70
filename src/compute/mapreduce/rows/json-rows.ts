// Rows as lines of JSON, whatever a job makes of a key.
import type { MapReduceCode } from "../../../core/mapreduce/map-reduce.ts";
import { AttemptFile } from "../attempt-file.ts";
import type { KeyGroups } from "../key-groups.ts";
import { assertFinite, kindOf, type ReducedRows, uniteKinds, type ValueKind } from "./reduced-rows.ts";

const textToWrite = 1 << 16;

export class JsonRows implements ReducedRows {
  readonly file: string;
  rows = 0;
  values: ValueKind | undefined;
  readonly #output: AttemptFile;
  readonly #row: MapReduceCode["row"];
  #text = "";

  constructor(path: string, { row }: Pick<MapReduceCode, "row">) {
    this.file = path;
    this.#output = new AttemptFile(path);
    this.#row = row;
  }

  add(groups: KeyGroups): void {
    const row = this.#toRow(groups);
    if (row === undefined) return;
    this.rows += 1;
    this.#text += `${row}\n`;
    if (this.#text.length > textToWrite) this.#flush();
  }

  commit(): void {
    this.#flush();
    this.#output.commit();
  }

  [Symbol.dispose](): void {
    this.#output[Symbol.dispose]();
  }

  #toRow(groups: KeyGroups): string | undefined {
    const key = groups.text();
    const total = groups.total();
    try {
      if (this.#row === undefined) {
        this.values = uniteKinds(this.values, kindOf(total));
        return toDefaultRow(key, total);
      }
      const made = this.#row(key, total);
      return made === undefined ? undefined : JSON.stringify(made);
    } catch (cause) {
      throw groups.failed(cause);
    }
  }

  #flush(): void {
    const bytes = Buffer.from(this.#text);
    this.#text = "";
    this.#output.room(bytes.length);
    this.#output.bytes.set(bytes, this.#output.at);
    this.#output.at += bytes.length;
  }
}

function toDefaultRow(key: string, total: unknown): string {
  if (typeof total === "number") assertFinite(total);
  return `{"key":${JSON.stringify(key)},"value":${JSON.stringify(total) ?? "null"}}`;
}
