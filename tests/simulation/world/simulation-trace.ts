// Records what happened, line by line. Equal traces mean equal simulations, so tests of determinism compare their hash.
import { createHash } from "node:crypto";

/** Canonical lines of one simulation. */
export class SimulationTrace {
  readonly #lines: string[] = [];
  readonly #now: () => number;

  /** @param now milliseconds since the simulation began */
  constructor(now: () => number) {
    this.#now = now;
  }

  add(actor: string, text: string): void {
    this.#lines.push(`${(this.#now() / 1000).toFixed(3).padStart(9)}  ${actor.padEnd(10)} ${text}`);
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  hash(): string {
    return createHash("sha256").update(this.#lines.join("\n")).digest("hex").slice(0, 16);
  }
}
