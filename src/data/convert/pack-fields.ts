// SQL of an object whose fields have any names.
import { quoteLiteral } from "../../compute/engine.ts";

/** @param fields names with the SQL of their values */
export function packFields(fields: readonly (readonly [name: string, sql: string])[]): string {
  return `{${fields.map(([name, sql]) => `${quoteLiteral(name)}: ${sql}`).join(", ")}}`;
}
