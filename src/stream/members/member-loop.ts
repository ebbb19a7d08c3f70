// The loop of a member of a group: claims its share of the partitions, has each worked through, gives back what others are to have,
// and goes on until the run is asked to leave.
import { classifyError } from "../../core/errors/classify-error.ts";
import type { MillraceError } from "../../core/errors/errors.ts";
import type { JobContext } from "../../core/job/job-context.ts";
import type { Assignment, HeldPartition } from "../../core/stream/stream-ledger.ts";
import type { LogPosition, TopicState } from "../../core/stream/stream-log.ts";
import { reachOf } from "../../core/stream/stream-reach.ts";
import { TopicBook } from "../produce/topic-book.ts";
import { createDeliveryOf, type DeliveryOf } from "../worker/delivery-of.ts";
import type { LeaveSign } from "../worker/leave-sign.ts";
import type { StreamExtras } from "../worker/stream-extras.ts";
import { Surplus } from "./surplus.ts";
import type { Topic } from "../../core/stream/topic.ts";
import { takeOver } from "../produce/take-over.ts";

/** The work on one partition, from when it is made until its sign is set. */
export interface PartitionTask {
  readonly held: HeldPartition;
  /** Records that came to their end here. */
  readonly handled: number;
  /** Records that wait, as far as the last look tells. */
  readonly lag: number;
  /** Below them all is done. */
  readonly positions: readonly LogPosition[];
  /** Whether it has come to the end that it was given. */
  readonly isDone?: boolean;
  /** What stands out, for people. */
  readonly remark?: string | undefined;
  /** Set to leave it when what is in hand is done. */
  readonly sign: LeaveSign;
  /** Rejects with what ended it; resolves when it was left. */
  readonly done: Promise<void>;
  /** To be called now and then. */
  tick(): void;
}

/** What a partition is begun with. */
export interface PartitionStart {
  readonly held: HeldPartition;
  /** As they are in the log, in the order of the group's. */
  readonly topics: readonly TopicState[];
  readonly toDelivery: DeliveryOf;
}

export interface MemberLoopInput {
  readonly ctx: JobContext;
  readonly group: string;
  readonly job: string;
  readonly topics: readonly Topic[];
  readonly startAt: "earliest" | "latest";
  readonly extras: StreamExtras;
  /** Ends the run when nothing waited for it for some time. Default: it never ends by itself. */
  readonly isSurplus?: boolean | undefined;
  /** Ends the run when as many partitions have come to their ends. */
  readonly endsWith?: number | undefined;
  readonly begin: (start: PartitionStart) => PartitionTask;
  /** Looks at the topics before a claim. @throws what makes work impossible */
  readonly check?: (topics: readonly TopicState[]) => void;
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
export async function runMember(input: MemberLoopInput): Promise<RecordsResult> {
  const loop = new MemberLoop(input);
  try {
    await loop.run();
  } finally {
    await loop.end();
  }
  const reach = reachOf(input.ctx);
  reach.signal.throwIfAborted();
  if (reach.isAskedToLeave()) reach.leave();
  return { records: loop.records };
}

class MemberLoop {
  readonly #input: MemberLoopInput;
  readonly #topics: TopicBook;
  readonly #toDelivery: DeliveryOf;
  readonly #workers = new Map<number, PartitionTask>();
  readonly #surplus: Surplus;
  /** By topic. */
  readonly #partitions = new Map<string, number>();
  #done = 0;
  #failures = 0;
  #failure: MillraceError | undefined;

  constructor(input: MemberLoopInput) {
    const { log, clock, payloads, port: ledger } = reachOf(input.ctx);
    const { group } = input;
    this.#input = input;
    this.#topics = new TopicBook(log);
    const topics = this.#topics;
    this.#toDelivery = createDeliveryOf({ group, from: onlyOf(input.topics)?.name, ledger, log, topics, payloads });
    this.#surplus = new Surplus(clock, input.isSurplus ?? false);
  }

  /** Records that came to their end in this run. */
  get records(): number {
    let records = this.#done;
    for (const worker of this.#workers.values()) records += worker.handled;
    return records;
  }

  async run(): Promise<void> {
    const { clock, signal, isAskedToLeave } = reachOf(this.#input.ctx);
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
    const { endsWith } = this.#input;
    if (endsWith === undefined || this.#workers.size < endsWith) return false;
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
    const reach = reachOf(this.#input.ctx);
    const { group, job, topics: defined, startAt, check } = this.#input;
    try {
      const states = await Promise.all(defined.map((topic) => this.#find(topic)));
      check?.(states);
      this.#noteRaised(states);
      const topics = states.map(({ name, id, bounds }) => ({ name, id, bounds }));
      const claimed = await reach.port.claimPartitions({ group, job, topics, startAt });
      this.#follow({ ...claimed, held: await this.#takeOver(claimed, states) }, states);
      this.#failures = 0;
    } catch (thrown) {
      const error = classifyError(thrown);
      if (error.disposition !== "retry") throw error;
      return this.#restAfter(error);
    }
    this.#tell();
    return claimEveryMs;
  }

  #noteRaised(topics: readonly TopicState[]): void {
    const { logger } = reachOf(this.#input.ctx);
    for (const { name, bounds } of topics) {
      const before = this.#partitions.get(name) ?? bounds.length;
      this.#partitions.set(name, bounds.length);
      if (before >= bounds.length) continue;
      const said = `topic \`${name}\` has ${bounds.length} partitions now, it had \`${before}\``;
      logger.warn(`${said}: a key may lie in another one than before`, { topic: name });
    }
  }

  async #find(topic: Topic): Promise<TopicState> {
    const { log } = reachOf(this.#input.ctx);
    const { id } = await this.#topics.find(topic);
    const state = await log.findTopic(topic.name);
    if (state?.id !== id) this.#topics.forget(topic.name);
    // Somebody deleted it since it was found.
    return state ?? (await this.#topics.find(topic));
  }

  // Of those that begin now.
  async #takeOver({ held, surplus }: Assignment, topics: readonly TopicState[]): Promise<readonly HeldPartition[]> {
    const { log, port: ledger } = reachOf(this.#input.ctx);
    const { group } = this.#input;
    const topic = onlyOf(topics);
    // what is kept of several topics is in the store alone
    if (topic === undefined) return held;
    const [going, starting] = [[], []] as [HeldPartition[], HeldPartition[]];
    for (const holding of held) {
      const isNew = !this.#workers.has(holding.partition) && !surplus.includes(holding.partition);
      (isNew ? starting : going).push(holding);
    }
    return [...going, ...(await takeOver({ log, ledger, group, topic, held: starting }))];
  }

  #follow({ held, surplus }: Assignment, topics: readonly TopicState[]): void {
    const given = new Set(surplus);
    const now = new Map(held.map((holding) => [holding.partition, holding]));
    for (const [partition, worker] of this.#workers) {
      // Held under another epoch: it was lost and claimed again. The worker of before hears of it at its next write.
      if (now.get(partition)?.epoch !== worker.held.epoch || given.has(partition)) worker.sign.set();
    }
    for (const [partition, holding] of now) {
      if (!this.#workers.has(partition) && !given.has(partition)) this.#start(holding, topics);
    }
    const idle = [...surplus].flatMap((partition) => (this.#workers.has(partition) ? [] : [now.get(partition)]));
    const left = idle.filter((holding) => holding !== undefined);
    if (left.length > 0) void this.#release(left).catch(() => undefined);
  }

  #start(held: HeldPartition, topics: readonly TopicState[]): void {
    const isKnown = topics.every(({ id }) => held.positions.some(({ topicId }) => topicId === id));
    if (!isKnown) return;
    const worker = this.#input.begin({ held, topics, toDelivery: this.#toDelivery });
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
    const { logger } = reachOf(this.#input.ctx);
    this.#failures += 1;
    if (error.code !== "PARTITION_LOST") logger.warn(`reading is tried again: ${error.message}`, { code: error.code });
    return Math.min(longestRestMs, claimEveryMs * 2 ** Math.min(this.#failures - 1, 5));
  }

  async #release(holdings: readonly HeldPartition[]): Promise<void> {
    if (holdings.length === 0) return;
    const { port } = reachOf(this.#input.ctx);
    const given = holdings.map(({ partition, epoch }) => ({ partition, epoch }));
    await port.releasePartitions(this.#input.group, given);
  }

  #tell(): void {
    const reach = reachOf(this.#input.ctx);
    let lag = 0;
    for (const worker of this.#workers.values()) {
      lag += worker.lag;
      reach.log.publishOffsets?.(this.#input.group, worker.positions);
    }
    const { records } = this;
    this.#surplus.note(records, lag);
    const partitions = this.#workers.size === 1 ? "1 partition" : `${this.#workers.size} partitions`;
    const remarks = [...this.#workers.values()].flatMap(({ remark }) => (remark === undefined ? [] : [remark]));
    reach.progress({ done: records, operation: [`${partitions}, ${lag} waiting`, ...remarks.slice(0, 1)].join("; ") });
  }
}

function onlyOf<Item>(items: readonly Item[]): Item | undefined {
  return items.length === 1 ? items[0] : undefined;
}
