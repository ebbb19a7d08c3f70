// A list of files for the engine's reading functions.
import { quoteLiteral } from "../../compute/engine.ts";

/** Names are no patterns any more: what would be one is put in brackets. */
export function fileList(files: readonly string[]): string {
  return `[${files.map((file) => quoteLiteral(file.replaceAll(/[*?[]/g, "[$&]"))).join(", ")}]`;
}
