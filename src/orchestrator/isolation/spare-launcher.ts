// Keeps one fresh thread or process ready while jobs use them: loading the orchestrator's modules takes longer than many jobs.
// A spare has loaded no job yet, serves one attempt like any other, and is ended when nobody takes it for a while.
import type { Clock } from "../../core/clock.ts";
import type { Isolate, Launcher, LaunchRequest } from "./launcher.ts";

const idleMs = 30_000;

type Mode = LaunchRequest["mode"];

interface Spare {
  readonly isolate: Isolate;
  /** Hands over what it said so far, and from now on all else. */
  take(onMessage: LaunchRequest["onMessage"]): void;
  readonly taken: AbortController;
}

/** A launcher over another one. Dispose it to end the spares. */
export class SpareLauncher implements Launcher, AsyncDisposable {
  readonly #launcher: Launcher;
  readonly #clock: Clock;
  readonly #spares = new Map<Mode, Spare>();
  readonly #ending = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(launcher: Launcher, clock: Clock) {
    this.#launcher = launcher;
    this.#clock = clock;
  }

  launch(request: LaunchRequest): Isolate {
    const spare = this.#spares.get(request.mode);
    this.#spares.delete(request.mode);
    spare?.taken.abort("taken");
    spare?.take(request.onMessage);
    const isolate = spare?.isolate ?? this.#launcher.launch(request);
    if (!this.#isClosed) this.#prepare(request.mode);
    return isolate;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const { taken } of this.#spares.values()) taken.abort("closed");
    await Promise.all(this.#ending);
  }

  #prepare(mode: Mode): void {
    const early: unknown[] = [];
    let listener = (message: unknown): void => void early.push(message);
    const isolate = this.#launcher.launch({
      mode,
      name: "millrace spare",
      onMessage: (message) => listener(message),
    });
    const taken = new AbortController();
    const spare: Spare = {
      isolate,
      taken,
      take(onMessage) {
        listener = onMessage;
        // Never from within `launch`: who called it has not got the isolate yet.
        void Promise.resolve().then(() => early.forEach((message) => onMessage(message)));
      },
    };
    this.#spares.set(mode, spare);
    const ending = this.#endUnlessTaken(mode, spare);
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }

  async #endUnlessTaken(mode: Mode, spare: Spare): Promise<void> {
    const { taken, isolate } = spare;
    const over = new AbortController();
    const signal = AbortSignal.any([taken.signal, over.signal]);
    await Promise.race([this.#clock.sleep(idleMs, signal), isolate.ended]);
    over.abort("over");
    if (taken.signal.reason === "taken") return;
    if (this.#spares.get(mode) === spare) this.#spares.delete(mode);
    isolate.kill("now");
    await isolate.ended;
  }
}
