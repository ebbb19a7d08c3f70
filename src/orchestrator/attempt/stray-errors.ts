// Errors that nobody waits for: a promise without `await`, a throw in a timer, a stream or an emitter. They belong to the attempt
// in whose code they arose; the platform knows which one that is.
import { classifyError } from "../../core/errors/classify-error.ts";
import { MillraceError } from "../../core/errors/errors.ts";

/** The port through which attempts hear of their stray errors. */
export interface StrayErrors {
  /** Runs `work`. What goes astray in it, or in what it left behind after its end, comes to `onStray` and nowhere else. */
  watch<T>(onStray: (thrown: unknown) => void, work: () => T): T;
}

/** For workers without such a port: Node ends the process. */
export const noStrayErrors: StrayErrors = { watch: (_onStray, work) => work() };

/** What the attempt fails with: tried again or not as if the handler had thrown it itself. */
export function toStrayError(thrown: unknown): MillraceError {
  const { message, disposition, errorClass, retryAfterMs, details } = classifyError(thrown);
  return new MillraceError("JOB_FAILED", `an error came up that nobody waited for: ${message}`, {
    cause: thrown,
    disposition,
    errorClass,
    hint: "await every promise, and give timers, streams and emitters of the job an error handler",
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(details === undefined ? {} : { details }),
  });
}

/** Tells whether it only follows from the end of a run: everything that still runs of a stopped or lost run is told so. */
export function isEcho(thrown: unknown): boolean {
  return thrown instanceof MillraceError && thrown.origin === "millrace" && thrown.disposition === "cancel";
}

/** The attempt that stray errors come to. */
export interface StrayTarget {
  readonly control: AbortController;
  readonly warn: (message: string) => void;
}

/** Turns a stray error into the failure of its attempt; one that comes when that has ended is told in the run's log. */
export class StrayWatch {
  readonly #target: StrayTarget;
  #hasEnded = false;

  constructor(target: StrayTarget) {
    this.#target = target;
  }

  readonly onStray = (thrown: unknown): void => {
    if (isEcho(thrown)) return;
    const error = toStrayError(thrown);
    const { control, warn } = this.#target;
    if (!this.#hasEnded && !control.signal.aborted) control.abort(error);
    else warn(`${error.message}; the attempt had ended already, so it changes nothing`);
  };

  /** How the attempt ended is known. */
  end(): void {
    this.#hasEnded = true;
  }
}
