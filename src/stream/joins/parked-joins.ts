// Dead letters of a join that people have sent again, as they lie in the store: looked for now and then, one after the other.
import type { GroupLedger, ParkedRecord } from "../../core/stream/stream-ledger.ts";

export interface ParkedJoinsOptions {
  readonly ledger: Pick<GroupLedger, "listParked">;
  readonly group: string;
  readonly partition: number;
}

const lookEveryMs = 1_000;
const atOnce = 100;

/** Of one partition. */
export class ParkedJoins {
  readonly #options: ParkedJoinsOptions;
  #lookedAtMs = -Infinity;

  constructor(options: ParkedJoinsOptions) {
    this.#options = options;
  }

  /** Those that are there; each is to be forgotten with what becomes of it. None between two looks. */
  async look(nowMs: number): Promise<readonly ParkedRecord[]> {
    const sinceMs = nowMs - this.#lookedAtMs;
    if (sinceMs >= 0 && sinceMs < lookEveryMs) return [];
    this.#lookedAtMs = nowMs;
    const { ledger, group, partition } = this.#options;
    return await ledger.listParked({ group, partition, afterId: 0, limit: atOnce });
  }
}
