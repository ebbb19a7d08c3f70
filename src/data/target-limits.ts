// Refuses staged rows that a target could hold only by changing them, before any target publishes.
import type { Column } from "../compute/engine.ts";
import { MillraceError } from "../core/errors/errors.ts";
import type { Target, ValueLimit } from "./target.ts";

/** A limit of one of the targets that rows go to. */
export interface TargetLimit extends ValueLimit {
  readonly target: string;
}

/** What all targets together cannot hold of rows with these columns. */
export function listLimits(targets: readonly Target[], columns: readonly Column[]): TargetLimit[] {
  return targets.flatMap((target) => target.limits(columns).map((limit) => ({ ...limit, target: target.format })));
}

/**
 * Throws for the first limit that rows break; the others are in the details.
 * @param brokenBy rows that break each limit, in the order of `limits`
 * @throws MillraceError `TARGET_VALUE_UNSUPPORTED` naming dataset, target, column, the kind of value and the number of rows
 */
export function assertWithinLimits(dataset: string, limits: readonly TargetLimit[], brokenBy: readonly number[]): void {
  const broken = limits.flatMap(({ target, column, what, hint }, index) => {
    const rows = brokenBy[index] ?? 0;
    return rows === 0 ? [] : [{ target, column, what, hint, rows }];
  });
  const [first] = broken;
  if (first === undefined) return;
  const { target, column, what, rows, hint } = first;
  const message = `the ${target} target of dataset \`${dataset}\` cannot hold ${what} in column \`${column}\`, rows: \`${rows}\``;
  throw new MillraceError("TARGET_VALUE_UNSUPPORTED", message, {
    hint: `${hint}, or set such rows aside with a \`quarantine\` check; nothing was published`,
    details: { dataset, limits: broken.map(({ hint: _hint, ...facts }) => facts) },
  });
}
