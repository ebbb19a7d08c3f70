// Makes the output of `--json`: one object a line, in the words of the API, beginning with the version of its shape.
import { masked } from "./masked.ts";

/** Grows when a field goes away or changes its meaning; fields are added without it. The same for all commands. */
export const jsonSchemaVersion = 1;

export interface JsonDocumentOptions {
  /** Whether whatever is named like a secret is masked; default true. */
  readonly masks?: boolean;
}

/** `{"schema_version":1,…}`; a list is an object with `items`. */
export function toJsonDocument(value: object, { masks = true }: JsonDocumentOptions = {}): string {
  return JSON.stringify({ schema_version: jsonSchemaVersion, ...(masks ? masked(value) : value) });
}
