// Ends leases in batches: whatever is finished while one write is under way goes into the next.
import { classifyError } from "../../core/errors/classify-error.ts";
import type { Clock } from "../../core/clock.ts";
import type { Settlement } from "../../store/rows/run-records.ts";
import type { Store } from "../../store/store.ts";
import { BatchWriter } from "../attempt/batch-writer.ts";

/** Whether the store accepted the end of a run, or the lease was gone. */
export type SettleVerdict = "accepted" | "lost";

const maxWaitMs = 5_000;

/** Collects settlements and writes them in as few transactions as the load allows. */
export class Settler {
  readonly #clock: Clock;
  readonly #writer: BatchWriter<Settlement, SettleVerdict>;

  constructor(store: Store, clock: Clock) {
    this.#clock = clock;
    this.#writer = new BatchWriter(async (settlements) => {
      const { lostRunIds } = await store.settle(settlements);
      const lost = new Set(lostRunIds);
      return settlements.map(({ runId }) => (lost.has(runId) ? "lost" : "accepted"));
    });
  }

  /**
   * Resolves when the end is durable, or was refused because the lease is gone. While the store is busy, full or
   * away it tries again: the work is done, and only the worker's own death may lose it.
   */
  async settle(settlement: Settlement): Promise<SettleVerdict> {
    for (let waitMs = 50; ; waitMs = Math.min(waitMs * 2, maxWaitMs)) {
      try {
        return await this.#writer.write(settlement);
      } catch (thrown) {
        if (classifyError(thrown).disposition !== "retry") throw thrown;
        await this.#clock.sleep(waitMs);
      }
    }
  }
}
