// Asked to pause, a handler yields at its next safe place: after a checkpoint or a step, between two items, at a wait.
import { MillraceError } from "../core/errors.ts";

export class PauseSwitch {
  #by: string | undefined;

  request(by: string): void {
    this.#by = by;
  }

  /** Leaves the handler when it was asked to pause; from then on every safe place does. @throws MillraceError `RUN_PAUSED` */
  throwIfRequested(): void {
    if (this.#by !== undefined) throw new MillraceError("RUN_PAUSED", `run was paused by ${this.#by}`);
  }
}
