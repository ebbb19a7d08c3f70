// One run while it executes in this process.
import type { Fence } from "../../store/rows/run-records.ts";
import type { YieldPoint } from "../attempt/yield-point.ts";

/** How a run that executes can be reached. */
export interface RunControl {
  /** Aborts the handler, with the reason. */
  readonly control: AbortController;
  /** Asks the handler to yield at its next safe place. */
  readonly yieldPoint: YieldPoint;
  /** When it may begin; left out: at once. */
  readonly turn?: Promise<void>;
}

export interface Execution extends RunControl {
  readonly fence: Fence;
  /** It takes none of the slots. */
  readonly isStanding: boolean;
  /** Resolves when nothing of it runs any more. */
  readonly done: Promise<void>;
}
