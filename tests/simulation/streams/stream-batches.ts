// Batches of the topic of a world: made as the scheduler makes them, and worked through by runs that may be lost at any call.
import type { GroupDeclaration } from "../../../src/core/stream/stream-ledger.ts";
import { readRange } from "../../../src/core/stream/topic-reader.ts";
import type { ClaimedRun } from "../../../src/store/rows/run-records.ts";
import type { Store } from "../../../src/store/store.ts";
import { createEmbeddedLog } from "../../../src/stream/embedded/embedded-log.ts";
import type { SimulationRandom } from "../world/simulation-random.ts";
import type { Process } from "./stream-member.ts";

export const batchGroup = "gather";

/** Makes the batches of a world. */
export class BatchMaker {
  readonly #store: Store;
  readonly #random: SimulationRandom;

  constructor(store: Store, random: SimulationRandom) {
    this.#store = store;
    this.#random = random;
  }

  /** Whether a batch is open or something waits for one. */
  async isBusy(topic: string): Promise<boolean> {
    const sight = await this.#look(topic);
    return sight === undefined || sight.open !== undefined || sight.waiting.some(({ from, to }) => to > from);
  }

  /** The next batch, where there is something for it and none is open. */
  async makeNext(topic: string): Promise<void> {
    const sight = await this.#look(topic);
    if (sight === undefined || sight.open !== undefined) return;
    const limits = { records: this.#random.integer(1, 12), bytes: undefined, untilMs: undefined };
    const ranges = await this.#store.cutBlocks(
      sight.waiting.filter(({ from, to }) => to > from),
      limits,
    );
    if (ranges.length === 0) return;
    const number = sight.lastNumber + 1;
    const records = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
    const run = { job: batchGroup, kind: "job", params: { number }, tenant: "default", createdBy: "streams" } as const;
    const size = { records, bytes: records, firstAtMs: 0 };
    const submission = { runs: [run], edges: [] };
    await this.#store.openBatch({
      group: batchGroup,
      number,
      job: batchGroup,
      because: "records",
      ranges,
      submission,
      ...size,
    });
  }

  async #look(topic: string): Promise<Awaited<ReturnType<Store["lookAtBatches"]>>["sights"][number] | undefined> {
    const state = await this.#store.findTopic(topic);
    if (state === undefined) return undefined;
    const topics = [{ name: topic, id: state.id, bounds: state.bounds }];
    const declaration: GroupDeclaration = { group: batchGroup, job: batchGroup, topics, startAt: "earliest" };
    return (await this.#store.lookAtBatches([declaration])).sights[0];
  }
}

/** What a run of a batch does: reads its records and leaves what they are as its result. */
export async function runBatch(process: Process, { params }: ClaimedRun): Promise<void> {
  const { number } = params as { readonly number: number };
  const port = process.port();
  const log = createEmbeddedLog({ blocks: port, clock: process.clock });
  const batch = await port.findBatch(batchGroup, number);
  const places: string[] = [];
  for (const range of batch?.ranges ?? []) {
    for await (const records of readRange(log, range, { maxBytes: 1_000, signal: new AbortController().signal }))
      for (const { offset } of records) places.push(`${range.partition}/${offset}`);
  }
  await port.endBatch(batchGroup, number, places, []);
}
