// Defines how an adapter runs scripts. An adapter adds nothing else to the store port, which is written once over
// scripts.
import type { StoreChange } from "./change-emitter.ts";
import type { Now, Script } from "./script.ts";

/** How an adapter runs scripts. */
export interface ScriptRunner {
  /** In one transaction that others see whole or not at all, and that is durable when the promise resolves. */
  readonly write: <T>(script: (now: Now) => Script<T>) => Promise<T>;
  /** Without locks, on one state of the store. */
  readonly read: <T>(script: (now: Now) => Script<T>) => Promise<T>;
  /** Each statement on a state of its own, without a transaction around them: for what one statement reads. */
  readonly once: <T>(script: () => Script<T>) => Promise<T>;
  /** After a commit that made something worth looking at. */
  readonly announce: (change: StoreChange) => void;
}
