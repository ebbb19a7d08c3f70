// A run's fenced writes. The first one that is refused aborts the handler, so that it does not work on for nothing.
import type { DatasetVersion } from "../core/dataset.ts";
import { MillraceError } from "../core/errors.ts";
import { formatRunId } from "../core/run-id.ts";
import type {
  ClaimedRun,
  Fence,
  Json,
  NewDatasetVersion,
  NewEvent,
  Submission,
  SubmitResult,
  UnitRecord,
} from "../store/run-records.ts";
import type { Store } from "../store/store.ts";

/** The hold of this process on one run. */
export class RunLease {
  readonly #store: Store;
  readonly #fence: Fence;
  readonly #control: AbortController;

  constructor(store: Store, run: ClaimedRun, control: AbortController) {
    this.#store = store;
    this.#fence = { runId: run.runId, epoch: run.epoch };
    this.#control = control;
  }

  saveCheckpoint(data: Json): Promise<void> {
    return this.#guard(() => this.#store.saveCheckpoint(this.#fence, data));
  }

  saveUnits(units: readonly UnitRecord[]): Promise<void> {
    return this.#guard(() => this.#store.saveUnits(this.#fence, units));
  }

  saveStep(name: string, value: Json): Promise<void> {
    return this.#guard(() => this.#store.saveStep(this.#fence, name, value));
  }

  spawn(name: string, submission: Submission): Promise<SubmitResult> {
    return this.#guard(() => this.#store.spawn(this.#fence, name, submission));
  }

  appendEvents(events: readonly NewEvent[]): Promise<void> {
    return this.#guard(() => this.#store.appendEvents(this.#fence, events));
  }

  recordDataset(version: NewDatasetVersion): Promise<DatasetVersion> {
    return this.#guard(() => this.#store.recordDataset(this.#fence, version));
  }

  /** @throws MillraceError `RUN_LOST` when another worker may have the run by now */
  assertHeld(): Promise<void> {
    return this.#guard(async () => {
      const held = await this.#store.heldFences([this.#fence]);
      if (held.length === 0)
        throw new MillraceError("RUN_LOST", `lease of run \`${formatRunId(this.#fence.runId)}\` was lost`);
    });
  }

  async #guard<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (error instanceof MillraceError && error.code === "RUN_LOST") this.#control.abort(error);
      throw error;
    }
  }
}
