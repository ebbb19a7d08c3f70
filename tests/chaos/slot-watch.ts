// Looks again and again at how many runs hold a slot of a limited job: never more than the limit, at any instant.
import { setTimeout as sleep } from "node:timers/promises";
import type { StoreReader } from "./store-contents.ts";
import type { Finding } from "./check-store-contents.ts";

const everyMs = 50;
const maxFindings = 20;

export class SlotWatch implements AsyncDisposable {
  readonly findings: (Finding | { readonly kind: "limit"; readonly message: string })[] = [];
  samples = 0;
  /** Most slots of one gate that were held at once. */
  most = 0;
  readonly #reader: StoreReader;
  readonly #stopped = new AbortController();
  readonly #loop: Promise<void>;

  constructor(reader: StoreReader) {
    this.#reader = reader;
    this.#loop = this.#watch();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
  }

  async #watch(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await this.#look().catch(() => undefined);
      await sleep(everyMs, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
    }
  }

  // One statement sees one state of the store.
  async #look(): Promise<void> {
    const rows = await this.#reader.rows(
      "select gate.name, gate.capacity, count(slot.run_id) as held from gate join slot on slot.gate = gate.name where gate.capacity is not null group by gate.name, gate.capacity",
    );
    this.samples += 1;
    for (const { name, capacity, held } of rows) {
      this.most = Math.max(this.most, Number(held));
      if (Number(held) <= Number(capacity) || this.findings.length >= maxFindings) continue;
      this.findings.push({
        kind: "limit",
        message: `${Number(held)} runs held ${String(name)}, whose limit is ${Number(capacity)}`,
      });
    }
  }
}
