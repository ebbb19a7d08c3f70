// Columns of a dataset whose values a run encrypts. A value has another ciphertext each time, so that nothing can be found by it.
import type { ConvertStep } from "../../core/dataset/convert-step.ts";
import { listSteps, type NamedStep } from "./step-registry.ts";

/** A column whose values are others in each run. */
export interface EncryptedColumn {
  /** As the rows have it behind the last step. */
  readonly name: string;
  /** Number of the step that encrypts it, from 1. */
  readonly step: number;
}

/** Those that are known without the rows: steps of code and SQL may make anything of a column, so that none is known behind them. */
export function listEncrypted(steps: readonly ConvertStep[]): readonly EncryptedColumn[] {
  return listSteps(steps).reduce<readonly EncryptedColumn[]>(follow, []);
}

function follow(before: readonly EncryptedColumn[], { kind, step, number }: NamedStep): readonly EncryptedColumn[] {
  if (kind.keepsRows !== true) return [];
  const carried = before.flatMap((column) =>
    (kind.carries?.(step, column.name) ?? [column.name]).map((name) => ({ ...column, name })),
  );
  return [...carried, ...(kind.encrypts?.(step) ?? []).map((name) => ({ name, step: number }))];
}
