// A source whose values are known.
import type { SqlSource } from "./options.ts";
import type { BoundValue } from "./sql-params.ts";

/** What the readers of databases get. */
export interface BoundSource extends Omit<SqlSource, "params"> {
  readonly params: readonly BoundValue[];
}
