// Defines where the rows of a part go: a file whose form depends on what rows there are.
import type { KeyGroups } from "../key-groups.ts";

/** Whole numbers that a double holds, numbers, or anything that JSON has. */
export type ValueKind = "whole" | "number" | "json";

/** Disposing it closes what was not committed. */
export interface ReducedRows extends Disposable {
  readonly file: string;
  readonly rows: number;
  /** What the values of `{ key, value }` are; `undefined` for rows that a job makes itself, and without a row. */
  readonly values: ValueKind | undefined;
  /** Reduces the key that the groups stand on. @throws MillraceError `REDUCE_FAILED`, `DISK_FULL` */
  add(groups: KeyGroups): void;
  /** @throws MillraceError `DISK_FULL` */
  commit(): void;
}

/** What holds values of both. */
export function uniteKinds(a: ValueKind | undefined, b: ValueKind | undefined): ValueKind | undefined {
  if (a === undefined || a === b) return b;
  if (b === undefined) return a;
  return a === "json" || b === "json" ? "json" : "number";
}

export function kindOf(total: unknown): ValueKind {
  if (typeof total !== "number") return "json";
  return Number.isSafeInteger(total) ? "whole" : "number";
}

/** @throws TypeError for what neither a column of numbers nor JSON holds */
export function assertFinite(total: number): void {
  if (!Number.isFinite(total)) throw new TypeError(`expected a finite number, got: \`${total}\``);
}
