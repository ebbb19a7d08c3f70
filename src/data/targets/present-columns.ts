// Which columns staged rows bring along to a table that has defaults of its own for the others.
import type { Column } from "../../compute/engine.ts";
import type { TargetInput } from "../target.ts";

/** The columns of the table that the staged rows have, in the order of the table. */
export function listPresentColumns({ rows, staged }: Pick<TargetInput, "rows" | "staged">): readonly Column[] {
  const present = new Set(staged.columns.map(({ name }) => name.toLowerCase()));
  return rows.columns.filter(({ name }) => present.has(name.toLowerCase()));
}
