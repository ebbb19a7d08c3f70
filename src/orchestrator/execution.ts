// One run while it executes in this process.
import type { Fence } from "../store/run-records.ts";
import type { PauseSwitch } from "./pause-switch.ts";

export interface Execution {
  readonly fence: Fence;
  /** Aborts the handler, with the reason. */
  readonly control: AbortController;
  /** Asks the handler to yield at its next safe place. */
  readonly pause: PauseSwitch;
  /** Resolves when nothing of it runs any more. */
  readonly done: Promise<void>;
}
