// Takes snapshots of a copy while it is in use, as often as its store says over all copies of it; one that cannot be written is said
// and tried again, as the store works without.
import type { Clock } from "../../core/clock.ts";
import { listSnapshots, type SnapshotsOptions, takeSnapshot } from "./snapshots.ts";
import type { StateFile } from "./state-file.ts";

export interface SnapshotKeeperOptions extends SnapshotsOptions {
  readonly clock: Clock;
  readonly everyMs: number;
  /** Of the newest one that is there. */
  readonly lastAtMs: number | undefined;
}

export class SnapshotKeeper {
  readonly #options: SnapshotKeeperOptions;
  #lastAtMs: number | undefined;
  #lookedAtMs: number | undefined;
  #taken = "";
  #underWay: Promise<void> | undefined;

  constructor(options: SnapshotKeeperOptions) {
    this.#options = options;
    this.#lastAtMs = options.lastAtMs;
  }

  get lastAtMs(): number | undefined {
    return this.#lastAtMs;
  }

  /** Begins one when it is due; nobody has to wait for it. */
  keep(state: StateFile): void {
    const { clock, everyMs } = this.#options;
    const nowMs = clock.now();
    const sinceMs = this.#lookedAtMs ?? this.#lastAtMs;
    if (this.#underWay !== undefined || (sinceMs !== undefined && nowMs - sinceMs < everyMs)) return;
    this.#lookedAtMs = nowMs;
    const applied = describe(state);
    if (applied === this.#taken) return;
    this.#underWay = this.#take(state, nowMs, applied).finally(() => {
      this.#underWay = undefined;
    });
  }

  /** Resolves when none is under way. */
  async settle(): Promise<void> {
    await this.#underWay;
  }

  async #take(state: StateFile, nowMs: number, applied: string): Promise<void> {
    const { everyMs, logger, identity } = this.#options;
    try {
      const [newest] = await listSnapshots(this.#options, `${state.path}.listed`);
      const isYoung = newest !== undefined && nowMs - newest.takenAtMs < everyMs;
      const snapshot = isYoung ? newest : await takeSnapshot(this.#options, state, nowMs);
      this.#lastAtMs = snapshot.takenAtMs;
      if (!isYoung) this.#taken = applied;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      logger.warn("a snapshot could not be kept", { store: identity.store, error: message });
    }
  }
}

function describe(state: StateFile): string {
  return [...state.positions.values()].map(({ partition, offset }) => `${partition}:${offset}`).join();
}
