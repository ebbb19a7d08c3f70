// What lies between a process and the store: latency, refusals, commits whose answer is lost, partitions.
// A call is sent, takes effect at one instant, and is answered; the process may be gone at any of the three.
import { MillraceError } from "../../../src/core/errors/errors.ts";
import type { Store } from "../../../src/store/store.ts";
import type { StoreChange } from "../../../src/store/rows/change-emitter.ts";
import type { EventLoop } from "./event-loop.ts";
import type { FaultCounter, FaultKind } from "./fault-counter.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import type { SimulationRandom } from "./simulation-random.ts";

/** How bad the network is now; a world changes it as it goes. */
export interface NetworkConditions {
  /** Share of calls that fail before they take effect. */
  failBefore: number;
  /** Share of calls that take effect although the caller hears of a failure. */
  failAfter: number;
  /** Share of slow calls. */
  slow: number;
  hintLoss: number;
  /** No call reaches the store at all. */
  isStoreDown: boolean;
}

export interface SimulatedNetworkOptions {
  readonly loop: EventLoop;
  readonly random: SimulationRandom;
  readonly faults: FaultCounter;
  readonly conditions: NetworkConditions;
  /** Lets a call take effect. */
  readonly apply: (caller: SimulatedProcess, method: string, parameters: readonly unknown[]) => Promise<unknown>;
  readonly startHeartbeat: (caller: SimulatedProcess, options: Parameters<Store["startHeartbeat"]>[0]) => unknown;
}

/** Connects processes to the one store. */
export class SimulatedNetwork {
  readonly #options: SimulatedNetworkOptions;
  #listeners: { readonly process: SimulatedProcess; readonly listener: (change: StoreChange) => void }[] = [];

  constructor(options: SimulatedNetworkOptions) {
    this.#options = options;
  }

  /** The store as this process sees it. */
  connect(process: SimulatedProcess): Store {
    const special: Record<PropertyKey, unknown> = {
      dialect: "sqlite",
      startHeartbeat: (options: Parameters<Store["startHeartbeat"]>[0]) =>
        this.#options.startHeartbeat(process, options),
      subscribe: (listener: (change: StoreChange) => void) => this.#subscribe(process, listener),
      [Symbol.asyncDispose]: () => Promise.resolve(),
      // A store is not a promise, whoever asks.
      then: undefined,
    };
    const methods = new Map<PropertyKey, unknown>();
    const target = Object.create(null) as Store;
    return new Proxy(target, {
      get: (_, name) => {
        if (Object.hasOwn(special, name)) return special[name];
        let method = methods.get(name);
        if (method === undefined) {
          method = (...parameters: readonly unknown[]) => this.#call(process, String(name), parameters);
          methods.set(name, method);
        }
        return method;
      },
    });
  }

  /** Tells listeners of all processes, some of them late, twice or never. */
  change(change: StoreChange): void {
    const { random, conditions, faults } = this.#options;
    this.#listeners = this.#listeners.filter(({ process }) => process.isAlive);
    for (const { process, listener } of this.#listeners) {
      if (process.isPartitioned || random.chance(conditions.hintLoss)) {
        faults.count("change lost");
        continue;
      }
      const times = random.chance(conditions.hintLoss) ? 2 : 1;
      for (let time = 0; time < times; time += 1) process.after(random.durationMs(1, 400), () => listener(change));
    }
  }

  #subscribe(process: SimulatedProcess, listener: (change: StoreChange) => void): Disposable {
    const entry = { process, listener };
    this.#listeners.push(entry);
    return {
      [Symbol.dispose]: () => {
        this.#listeners = this.#listeners.filter((other) => other !== entry);
      },
    };
  }

  #call(process: SimulatedProcess, method: string, parameters: readonly unknown[]): Promise<unknown> {
    const { loop, random, conditions, faults } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const refuse = (afterMs: number, why: FaultKind): void => {
      faults.count(why);
      process.troubledAtMs = loop.nowMs + afterMs;
      process.after(afterMs, () => reject(unavailable(`${method}: ${why}`)));
    };
    const isCut = (): boolean => process.isPartitioned || conditions.isStoreDown;
    const [thereMs, backMs] = [this.#latencyMs(), this.#latencyMs()];
    if (thereMs + backMs > 20) process.troubledAtMs = loop.nowMs + thereMs + backMs;
    const fate = random.next();
    if (fate < conditions.failBefore) {
      refuse(thereMs, "call refused");
      return promise;
    }
    const isAnswerLost = fate < conditions.failBefore + conditions.failAfter;
    // What the dying wrote may still arrive.
    const outlivesCaller = random.chance(0.5);
    loop.after(thereMs, () => {
      if (isCut()) return refuse(random.durationMs(50, 5_000), "call cut off");
      if (!process.isAlive && !outlivesCaller) return;
      if (!process.isAlive) faults.count("commit of a dead caller");
      const answer = (settle: () => void): void => {
        loop.after(backMs, () => {
          if (isAnswerLost) refuse(0, "answer lost");
          else if (isCut()) refuse(random.durationMs(50, 5_000), "answer cut off");
          else process.execute(settle);
        });
      };
      this.#options.apply(process, method, parameters).then(
        (value) => answer(() => resolve(value)),
        (error: unknown) => answer(() => reject(error)),
      );
    });
    return promise;
  }

  #latencyMs(): number {
    const { random, conditions } = this.#options;
    return random.chance(conditions.slow) ? random.durationMs(20, 4_000) : 0.2 + random.next() * 2;
  }
}

function unavailable(message: string): MillraceError {
  return new MillraceError("STORE_UNAVAILABLE", `simulated: ${message}`, { disposition: "retry" });
}
