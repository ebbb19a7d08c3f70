// A replay of all that lies in the topic of a flow, by a process of its own, beside the live group.
import type { ChildProcess } from "node:child_process";
import { replayParam } from "../../src/core/stream/replay-param.ts";
import { toSubmission } from "../../src/orchestrator/submission/to-submission.ts";
import { endProcess, hear, startProcess } from "../harness/child-process.ts";
import { defineFlow, events } from "./flow-scenarios.ts";
import type { StreamsPlace, StreamsUnderBench } from "./streams-under-bench.ts";

const id = "handle@replay-1";

/** Of one measure: begun before it, and still going on when it ends. */
export class Replaying {
  readonly #streams: StreamsUnderBench;
  readonly #place: StreamsPlace;
  #process: ChildProcess | undefined;

  constructor(streams: StreamsUnderBench, place: StreamsPlace) {
    this.#streams = streams;
    this.#place = place;
  }

  /** Resolves when records have been handled once more. */
  async begin(): Promise<void> {
    const { store, log, clock } = this.#streams;
    const topic = await log.findTopic(events.name);
    const reference = { name: events.name, id: topic?.id ?? "" };
    const ranges = (topic?.bounds ?? []).map(({ partition, start, end }) => {
      return { topic: reference, partition, from: start, to: end };
    });
    await store.startReplay({
      id,
      job: "handle",
      ranges,
      withEffects: false,
      isSwapWanted: false,
      createdBy: "bench",
    });
    const params = { [replayParam]: { id, withEffects: false } };
    const job = defineFlow({ onRecord: () => undefined });
    await store.submit(toSubmission(job, { params, tenant: "bench", createdBy: "bench" }));
    this.#process = startProcess(new URL("processes/replay-worker.ts", import.meta.url), [JSON.stringify(this.#place)]);
    await hear(this.#process);
    while ((await this.#handled()) === 0) await clock.sleep(20);
  }

  /** @throws Error when there was nothing left to replay before */
  async end(): Promise<void> {
    const replay = await this.#streams.store.findReplay(id);
    const handled = await this.#handled();
    if (this.#process !== undefined) await endProcess(this.#process);
    const whole = (replay?.ranges ?? []).reduce((sum, { from, to }) => sum + to - from, 0);
    if (handled >= whole) throw new Error(`the replay was over before the measure: ${whole} records`);
  }

  async #handled(): Promise<number> {
    const replay = await this.#streams.store.findReplay(id);
    return (replay?.ranges ?? []).reduce((sum, { from }, at) => sum + (replay?.positions[at] ?? from) - from, 0);
  }
}
