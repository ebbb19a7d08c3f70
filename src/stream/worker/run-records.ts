// The loop of a stream worker: claims its share of the partitions, works through each, gives back what others are to have, and
// goes on until the run is asked to leave.
import { classifyError } from "../../core/errors/classify-error.ts";
import type { MillraceError } from "../../core/errors/errors.ts";
import type { JobContext } from "../../core/job/job-context.ts";
import type { Assignment, HeldPartition } from "../../core/stream/stream-ledger.ts";
import type { TopicState } from "../../core/stream/stream-log.ts";
import { TopicBook } from "../produce/topic-book.ts";
import { createDeliveryOf, type DeliveryOf } from "./delivery-of.ts";
import { PartitionWorker } from "./partition-worker.ts";
import type { StreamExtras } from "./stream-extras.ts";
import { SuspectGate } from "./suspect-gate.ts";
import { Surplus } from "./surplus.ts";
import { takeOver } from "../produce/take-over.ts";
import type { WorkerSettings } from "./worker-settings.ts";

export interface RunRecordsInput {
  readonly ctx: JobContext;
  readonly settings: WorkerSettings;
  readonly extras: StreamExtras;
  /** Ends the run when nothing waited for it for some time. Default: it never ends by itself. */
  readonly isSurplus?: boolean;
}

/** What a run has done when it ends by itself. */
export interface RecordsResult {
  readonly records: number;
}

const claimEveryMs = 1_000;
/** How soon a pause is noticed, and what is done is written although a record before it goes on. */
const tickMs = 100;
const longestRestMs = 30_000;

/**
 * Handles records until the run is to leave.
 * @returns when a run that is one too many found nothing to do
 * @throws MillraceError `RUN_PAUSED`, the reason of the abort, and what makes work impossible
 */
export async function runRecords(input: RunRecordsInput): Promise<RecordsResult> {
  const loop = new RecordsLoop(input);
  try {
    await loop.run();
  } finally {
    await loop.end();
  }
  const { reach } = input.ctx.streams;
  reach.signal.throwIfAborted();
  if (reach.isAskedToLeave()) reach.leave();
  return { records: loop.records };
}

class RecordsLoop {
  readonly #input: RunRecordsInput;
  readonly #topics: TopicBook;
  readonly #toDelivery: DeliveryOf;
  readonly #workers = new Map<number, PartitionWorker>();
  readonly #surplus: Surplus;
  readonly #gate = new SuspectGate();
  #done = 0;
  #failures = 0;
  #failure: MillraceError | undefined;

  constructor(input: RunRecordsInput) {
    const { log, clock, port: ledger } = input.ctx.streams.reach;
    const { group, topic } = input.settings;
    this.#input = input;
    this.#topics = new TopicBook(log);
    this.#toDelivery = createDeliveryOf({ group, from: topic.name, ledger, log, topics: this.#topics });
    this.#surplus = new Surplus(clock, input.isSurplus ?? false);
  }

  /** Records that came to their end in this run. */
  get records(): number {
    let records = this.#done;
    for (const worker of this.#workers.values()) records += worker.handled;
    return records;
  }

  async run(): Promise<void> {
    const { clock, signal, isAskedToLeave } = this.#input.ctx.streams.reach;
    let claimAtMs = 0;
    while (!signal.aborted && !isAskedToLeave() && !this.#surplus.isProven && !this.#isDone()) {
      if (this.#failure !== undefined) throw this.#failure;
      const nowMs = clock.now();
      // A clock that is put back keeps nobody waiting.
      if (nowMs >= claimAtMs || claimAtMs - nowMs > longestRestMs) claimAtMs = nowMs + (await this.#claim());
      for (const worker of this.#workers.values()) worker.tick();
      await clock.sleep(tickMs, signal);
    }
  }

  /** Whether a replay has come to its end, in all partitions. */
  #isDone(): boolean {
    const { replay } = this.#input.settings;
    if (replay === undefined || this.#workers.size < replay.ends.size) return false;
    return [...this.#workers.values()].every((worker) => worker.isDone);
  }

  /** Leaves all partitions and gives them back. */
  async end(): Promise<void> {
    const workers = [...this.#workers.values()];
    for (const worker of workers) worker.sign.set();
    await Promise.allSettled(workers.map(({ done }) => done));
    await this.#release(workers.map(({ held }) => held)).catch(() => undefined);
    this.#tell();
    await this.#input.extras[Symbol.asyncDispose]();
  }

  /** @returns how long until the next time */
  async #claim(): Promise<number> {
    const { reach } = this.#input.ctx.streams;
    const { group, job, topic, startAt } = this.#input.settings;
    try {
      const { id } = await this.#topics.find(topic);
      const state = (await reach.log.findTopic(topic.name)) ?? (await this.#again());
      if (state.id !== id) this.#topics.forget(topic.name);
      const topics = [{ name: topic.name, id: state.id, bounds: state.bounds }];
      const claimed = await reach.port.claimPartitions({ group, job, topics, startAt });
      this.#follow({ ...claimed, held: await this.#takeOver(claimed, state) }, state);
      this.#failures = 0;
    } catch (thrown) {
      const error = classifyError(thrown);
      if (error.disposition !== "retry") throw error;
      return this.#restAfter(error);
    }
    this.#tell();
    return claimEveryMs;
  }

  // Somebody deleted it since it was found.
  async #again(): Promise<TopicState> {
    const { topic } = this.#input.settings;
    this.#topics.forget(topic.name);
    return await this.#topics.find(topic);
  }

  // Of those that begin now.
  async #takeOver({ held, surplus }: Assignment, topic: TopicState): Promise<readonly HeldPartition[]> {
    const { log, port: ledger } = this.#input.ctx.streams.reach;
    const { group } = this.#input.settings;
    const [going, starting] = [[], []] as [HeldPartition[], HeldPartition[]];
    for (const holding of held) {
      const isNew = !this.#workers.has(holding.partition) && !surplus.includes(holding.partition);
      (isNew ? starting : going).push(holding);
    }
    return [...going, ...(await takeOver({ log, ledger, group, topic, held: starting }))];
  }

  #follow({ held, surplus }: Assignment, topic: TopicState): void {
    const given = new Set(surplus);
    const now = new Map(held.map((holding) => [holding.partition, holding]));
    for (const [partition, worker] of this.#workers) {
      // Held under another epoch: it was lost and claimed again. The worker of before hears of it at its next write.
      if (now.get(partition)?.epoch !== worker.held.epoch || given.has(partition)) worker.sign.set();
    }
    for (const [partition, holding] of now) {
      if (!this.#workers.has(partition) && !given.has(partition)) this.#start(holding, topic);
    }
    const idle = [...surplus].flatMap((partition) => (this.#workers.has(partition) ? [] : [now.get(partition)]));
    const left = idle.filter((holding) => holding !== undefined);
    if (left.length > 0) void this.#release(left).catch(() => undefined);
  }

  #start(held: HeldPartition, topic: TopicState): void {
    const { ctx, settings, extras } = this.#input;
    const position = held.positions.find(({ topicId }) => topicId === topic.id);
    if (position === undefined) return;
    const { reach } = ctx.streams;
    const toDelivery = this.#toDelivery;
    const worker = new PartitionWorker({
      reach,
      ctx,
      settings,
      extras,
      topic,
      held,
      position,
      toDelivery,
      gate: this.#gate,
    });
    this.#workers.set(held.partition, worker);
    const left = (): void => {
      this.#workers.delete(held.partition);
      this.#done += worker.handled;
    };
    worker.done.then(
      async () => {
        await this.#release([held]).catch(() => undefined);
        left();
      },
      (thrown: unknown) => {
        left();
        const error = classifyError(thrown);
        // What the store or the log could not do now is tried again from where the group stands.
        if (error.disposition === "retry") this.#restAfter(error);
        else this.#failure ??= error;
      },
    );
  }

  #restAfter(error: { readonly message: string; readonly code: string }): number {
    const { logger } = this.#input.ctx.streams.reach;
    this.#failures += 1;
    if (error.code !== "PARTITION_LOST") logger.warn(`reading is tried again: ${error.message}`, { code: error.code });
    return Math.min(longestRestMs, claimEveryMs * 2 ** Math.min(this.#failures - 1, 5));
  }

  async #release(holdings: readonly HeldPartition[]): Promise<void> {
    if (holdings.length === 0) return;
    const { port } = this.#input.ctx.streams.reach;
    const given = holdings.map(({ partition, epoch }) => ({ partition, epoch }));
    await port.releasePartitions(this.#input.settings.group, given);
  }

  #tell(): void {
    const { reach } = this.#input.ctx.streams;
    let lag = 0;
    for (const worker of this.#workers.values()) {
      lag += worker.lag;
      reach.log.publishOffsets?.(this.#input.settings.group, [worker.position]);
    }
    const { records } = this;
    this.#surplus.note(records, lag);
    const partitions = this.#workers.size === 1 ? "1 partition" : `${this.#workers.size} partitions`;
    reach.progress({ done: records, operation: `${partitions}, ${lag} waiting` });
  }
}
