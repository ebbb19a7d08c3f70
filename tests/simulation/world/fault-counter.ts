// Counts what a simulation did to its world, so that a world without faults cannot pass for a test.

const faultKinds = [
  "crash",
  "freeze",
  "block",
  "partition",
  "store outage",
  "clock skew",
  "clock jump",
  "graceful stop",
  "call refused",
  "call cut off",
  "answer lost",
  "answer cut off",
  "commit of a dead caller",
  "change lost",
] as const;

/** Those that no range of worlds may be without. Changes can only get lost where somebody listens. */
export const requiredFaults: readonly string[] = faultKinds.filter((kind) => kind !== "change lost");

export type FaultKind = (typeof faultKinds)[number];

/** Faults by kind. */
export class FaultCounter {
  readonly #counts = new Map<FaultKind, number>();

  count(kind: FaultKind): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].toSorted(([left], [right]) => (left < right ? -1 : 1)));
  }
}
