// Notices that a run goes on with other code than its last attempt had.
import type { RunId } from "../../core/run-id.ts";
import type { Fence } from "../../store/rows/run-records.ts";
import type { Store } from "../../store/store.ts";

/** Runs whose code is remembered here, so that one that comes back often is not looked up each time. */
const maxKnown = 10_000;

export class CodeWatch {
  readonly #store: Pick<Store, "listAttempts">;
  readonly #known = new Map<RunId, { readonly epoch: number; readonly code: string }>();

  constructor(store: Pick<Store, "listAttempts">) {
    this.#store = store;
  }

  /** The code of the last attempt when it was another; from now on this one is the last. */
  async findChange({ runId, epoch }: Fence, code: string): Promise<string | undefined> {
    const known = this.#known.get(runId);
    // Another worker may have had the run since.
    const last = known?.epoch === epoch - 1 ? known.code : await this.#findLast(runId);
    this.#remember(runId, { epoch, code });
    return last === undefined || last === code ? undefined : last;
  }

  async #findLast(runId: RunId): Promise<string | undefined> {
    const attempts = await this.#store.listAttempts(runId);
    return attempts.findLast((attempt) => attempt.code !== undefined)?.code;
  }

  #remember(runId: RunId, last: { readonly epoch: number; readonly code: string }): void {
    this.#known.delete(runId);
    this.#known.set(runId, last);
    const [oldest] = this.#known.keys();
    if (this.#known.size > maxKnown && oldest !== undefined) this.#known.delete(oldest);
  }
}
