// The port as the context of an attempt uses it. On a store in a file every call is answered within the same turn of the event
// loop, so a loop over them would keep timers, requests and stops of the whole process waiting until its end.
import { type AttemptPort, type PortMethod, portMethods } from "./attempt-port.ts";
import type { YieldPoint } from "./yield-point.ts";

export interface BreathingPortOptions {
  readonly yieldPoint: Pick<YieldPoint, "turn">;
  readonly signal: AbortSignal;
}

/**
 * Before a call the event loop gets a turn when its last one was long ago. A stop that comes in this turn is thrown when the call
 * is done, so that what a handler did is never left unrecorded; a handler that was stopped before may still record.
 */
export function createBreathingPort(port: AttemptPort, options: BreathingPortOptions): AttemptPort {
  return new BreathingPort(port, options) as unknown as AttemptPort;
}

class BreathingPort {
  readonly #port: AttemptPort;
  readonly #options: BreathingPortOptions;

  constructor(port: AttemptPort, options: BreathingPortOptions) {
    this.#port = port;
    this.#options = options;
  }

  async call(method: PortMethod, args: readonly unknown[]): Promise<unknown> {
    const { yieldPoint, signal } = this.#options;
    const wasAborted = signal.aborted;
    const turn = yieldPoint.turn();
    if (turn !== undefined) await turn;
    // Each method of this class has the arguments and results of the port's.
    const value = await (this.#port[method] as (...given: readonly unknown[]) => Promise<unknown>)(...args);
    if (turn !== undefined && !wasAborted) signal.throwIfAborted();
    return value;
  }
}

for (const method of portMethods) {
  Object.defineProperty(BreathingPort.prototype, method, {
    value(this: BreathingPort, ...args: readonly unknown[]): Promise<unknown> {
      return this.call(method, args);
    },
  });
}
