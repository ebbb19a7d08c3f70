// Rows that go from a source to a target as they are, without the engine: where both speak one language, and nothing on the way wants
// to look at a row. They are staged in the target's own transaction, which nobody else sees before it is published.
import type { Readable } from "node:stream";
import type { Column } from "../compute/engine.ts";

/** Rows of a source, as of one moment. */
export interface PassingRows {
  /** In the engine's types; each value has the text that the engine would have of it. */
  readonly columns: readonly Column[];
  /** To be called once. The rows are counted when they have all come. */
  open(): Readable & { readonly rowCount: number };
}
