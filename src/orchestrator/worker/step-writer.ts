// Remembers results of steps: those that runs of this process reach while a write is under way go into the next one together.
import { MillraceError } from "../../core/errors/errors.ts";
import { formatRunId } from "../../core/run-id.ts";
import type { StepRecord } from "../../store/rows/run-records.ts";
import type { Store } from "../../store/store.ts";
import { BatchWriter } from "../attempt/batch-writer.ts";

/** One for each worker. */
export class StepWriter {
  readonly #writer: BatchWriter<StepRecord, "saved" | "lost">;

  constructor(store: Pick<Store, "saveSteps">) {
    this.#writer = new BatchWriter(async (steps) => {
      const lost = new Set(await store.saveSteps(steps));
      return steps.map(({ runId }) => (lost.has(runId) ? "lost" : "saved"));
    });
  }

  /** Durable when it resolves. @throws MillraceError `RUN_LOST` when the lease is gone */
  async save(step: StepRecord): Promise<void> {
    if ((await this.#writer.write(step)) === "saved") return;
    throw new MillraceError(
      "RUN_LOST",
      `run \`${formatRunId(step.runId)}\` is no longer leased with epoch \`${step.epoch}\``,
      { hint: "another worker may have it; this one must stop and write nothing" },
    );
  }
}
