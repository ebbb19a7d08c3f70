// What lies between a process and the store: time, calls that fail before or after they took effect, that come twice, and processes
// that die at any of them. A process that is dead hears nothing any more, but what it had sent may still arrive.
import { MillraceError } from "../../../src/core/errors/errors.ts";
import type { EventLoop } from "../world/event-loop.ts";
import type { SimulationRandom } from "../world/simulation-random.ts";
import type { CallTrouble } from "./stream-plan.ts";

/** Kinds of trouble. */
export const streamFaults = [
  "call refused",
  "answer lost",
  "call sent twice",
  "crash before a call",
  "crash after a call",
  "commit of a dead caller",
  "crash",
  "zombie",
  "leaving",
  "poison",
  "seek",
  "raise",
] as const;
export type StreamFault = (typeof streamFaults)[number];

/** A process. */
export interface Caller {
  readonly name: string;
  readonly isDead: boolean;
  crash(): void;
}

/** Resolves never: a process that died waits for ever. */
export const never: Promise<never> = new Promise(() => undefined);
/** What a dead caller sent arrives after this at the latest, when its leases are gone. */
const lateMs = 4_000;

export class StreamNetwork {
  readonly #loop: EventLoop;
  readonly #random: SimulationRandom;
  readonly #trouble: CallTrouble;
  readonly #count: (fault: StreamFault) => void;
  isCalm = false;

  constructor(parts: {
    readonly loop: EventLoop;
    readonly random: SimulationRandom;
    readonly trouble: CallTrouble;
    readonly count: (fault: StreamFault) => void;
  }) {
    this.#loop = parts.loop;
    this.#random = parts.random;
    this.#trouble = parts.trouble;
    this.#count = parts.count;
  }

  /** @param work takes effect at one instant */
  async call<T>(caller: Caller, work: () => Promise<T>): Promise<T> {
    if (caller.isDead) return await never;
    const fault = this.#drawFault();
    if (fault !== undefined) this.#count(fault);
    if (fault === "crash before a call" || fault === "commit of a dead caller") caller.crash();
    if (fault === "crash before a call") return await never;
    await this.#wait(fault === "commit of a dead caller" ? this.#random.integer(1, lateMs) : this.#delay());
    // What was sent arrives, whatever became of the sender.
    if (fault === "call refused") return await this.#answer(caller, unavailable("the call did not arrive"));
    const outcome = await settle(work());
    if (fault === "crash after a call") caller.crash();
    if (fault === "call sent twice") this.#loop.after(this.#delay() * 3, () => void settle(work()));
    if (fault === "answer lost") return await this.#answer(caller, unavailable("the answer was lost"));
    return await this.#answer(caller, outcome);
  }

  async #answer<T>(caller: Caller, outcome: Outcome<T>): Promise<T> {
    await this.#wait(this.#delay());
    if (caller.isDead) return await never;
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  }

  #drawFault(): StreamFault | undefined {
    if (this.isCalm) return undefined;
    let dice = this.#random.next();
    const { refused, answerLost, sentTwice, crashBefore, crashAfter, crashOnTheWay } = this.#trouble;
    const chances: readonly (readonly [StreamFault, number])[] = [
      ["call refused", refused],
      ["answer lost", answerLost],
      ["call sent twice", sentTwice],
      ["crash before a call", crashBefore],
      ["crash after a call", crashAfter],
      ["commit of a dead caller", crashOnTheWay],
    ];
    for (const [fault, chance] of chances) {
      dice -= chance;
      if (dice < 0) return fault;
    }
    return undefined;
  }

  #delay(): number {
    return this.isCalm ? 1 : this.#random.integer(0, this.#trouble.maxDelayMs);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#loop.after(ms, resolve));
  }
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown };

async function settle<T>(work: Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work };
  } catch (error) {
    return { error };
  }
}

function unavailable(why: string): { readonly error: MillraceError } {
  return { error: new MillraceError("STORE_UNAVAILABLE", why) };
}
