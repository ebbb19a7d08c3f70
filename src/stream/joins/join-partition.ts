// Works through one partition of a join: due keys → next records → merge → handle → write. Everything of a step is written in one
// transaction with the offsets; what was not written is done again by the next owner.
import { MillraceError } from "../../core/errors/errors.ts";
import { classifyError } from "../../core/errors/classify-error.ts";
import type { JobContext } from "../../core/job/job-context.ts";
import type { JoinState } from "../../core/stream/join-ledger.ts";
import type { HeldPartition } from "../../core/stream/stream-ledger.ts";
import type { LogPosition, TopicState } from "../../core/stream/stream-log.ts";
import { reachOf } from "../../core/stream/stream-reach.ts";
import type { LogRecord } from "../../core/stream/stream-record.ts";
import type { DeliveryOf } from "../worker/delivery-of.ts";
import type { JointDeliveries } from "../worker/joint-deliveries.ts";
import { LeaveSign } from "../worker/leave-sign.ts";
import type { PartitionTask } from "../members/member-loop.ts";
import type { SuspectGate } from "../worker/suspect-gate.ts";
import { untilAborted } from "../worker/until-aborted.ts";
import type { StreamExtras } from "../worker/stream-extras.ts";
import { decodeRecord } from "../records/record-block.ts";
import { isJoined, splitJoined } from "./join-arrivals.ts";
import { JoinFeed } from "./join-feed.ts";
import { type InputEnd, JoinFeeds } from "./join-feeds.ts";
import { JoinKeeper } from "./join-keeper.ts";
import { JoinIntake } from "./join-intake.ts";
import { type JoinSlot, mergeRecord, openSlot, toSlot } from "./join-merge.ts";
import { JoinRunner } from "./join-runner.ts";
import type { JoinSettings } from "./join-settings.ts";
import { JoinTurn } from "./join-turn.ts";
import { ParkedJoins } from "./parked-joins.ts";

export interface JoinPartitionOptions {
  readonly ctx: JobContext;
  readonly settings: JoinSettings;
  readonly extras: StreamExtras;
  /** One for each input. */
  readonly topics: readonly TopicState[];
  readonly held: HeldPartition;
  readonly toDelivery: DeliveryOf;
  readonly gate: SuspectGate;
  readonly deliveries: JointDeliveries;
}

const nothing: InputEnd = { input: -1, to: 0 };
/** Small, so that records are gone again before the collector of garbage takes them for old: that is most of what a join holds. */
const chunkBytes = 131_072;
/** Records of a step; also keys that are due. */
const stepSize = 1_000;
const lookEveryMs = 1_000;

/** Works from when it is made until it is asked to leave. */
export class JoinPartition implements PartitionTask {
  readonly sign: LeaveSign;
  readonly done: Promise<void>;
  readonly #options: JoinPartitionOptions;
  readonly #keeper: JoinKeeper;
  readonly #runner: JoinRunner;
  readonly #intake: JoinIntake;
  readonly #parked: ParkedJoins;
  readonly #feeds: JoinFeeds;
  /** By input: records below are handled one by one, as an owner was lost while it had them. */
  readonly #suspects: ({ readonly to: number; readonly tries: number } | undefined)[];
  readonly #maxKeys: number;
  /** The input and end of the records that are durably in hand. */
  #inHand: InputEnd | undefined;
  #handled = 0;
  #isFull = false;

  constructor(options: JoinPartitionOptions) {
    const { ctx, settings, extras, topics, held } = options;
    const reach = reachOf(ctx);
    const { log, clock, random, connections, code } = reach;
    const { partition } = held;
    const ledger = reach.port;
    const { group } = settings;
    this.#options = options;
    this.sign = new LeaveSign(clock, reach.signal);
    const { sign } = this;
    this.#keeper = new JoinKeeper({ ledger, group, partition });
    this.#runner = new JoinRunner({ settings, ctx, extras, topics, partition, code, connections, clock, random, sign });
    this.#intake = new JoinIntake({ settings, extras, topics, runner: this.#runner, sign });
    this.#parked = new ParkedJoins({ ledger, group, partition });
    const feeds = topics.map((topic) => {
      const from = held.positions.find(({ topicId }) => topicId === topic.id)?.offset ?? 0;
      return new JoinFeed({
        log,
        topic,
        partition,
        from,
        maxBytes: chunkBytes,
        signal: sign.signal,
        now: () => clock.now(),
      });
    });
    this.#feeds = new JoinFeeds(feeds);
    this.#suspects = topics.map(({ id }) => {
      const inHand = held.positions.find(({ topicId }) => topicId === id)?.inHand;
      return inHand !== undefined && inHand.tries > 0 ? inHand : undefined;
    });
    const tries = Math.max(...this.#suspects.map((suspect) => suspect?.tries ?? 0));
    if (tries > 0) options.gate.register(partition, tries);
    const partitions = Math.max(1, ...topics.map(({ bounds }) => bounds.length));
    this.#maxKeys = Math.max(1, Math.ceil(settings.maxKeys / partitions));
    this.done = this.#run();
  }

  get held(): HeldPartition {
    return this.#options.held;
  }

  get handled(): number {
    return this.#handled;
  }

  get lag(): number {
    return this.#feeds.lag;
  }

  get positions(): readonly LogPosition[] {
    return this.#feeds.positions(this.held.partition);
  }

  /** What stands out, for people. */
  get remark(): string | undefined {
    return this.#isFull ? `${this.#keeper.waiting} keys wait, no more may: see \`maxKeys\`` : undefined;
  }

  tick(): void {
    // each step writes what it did
  }

  async #run(): Promise<void> {
    const { extras } = this.#options;
    const { partition } = this.held;
    try {
      await extras.enter(partition, this.sign.signal);
      await this.#keeper.open();
      await this.#handleSuspects();
      await Promise.race([this.#options.gate.opened(), untilAborted(this.sign.signal)]);
      while (!this.sign.isSet) await this.#step();
    } catch (thrown) {
      if (!this.sign.isSet || !isLeaving(thrown)) throw thrown;
    } finally {
      const wasSet = this.sign.isSet;
      this.sign.set();
      // also where it never came to its turn: others wait for it
      this.#options.gate.leave(partition);
      // graceful: nothing is in hand any more
      if (wasSet && !this.sign.isOver) await this.#write(new JoinTurn(), undefined, nothing).catch(() => undefined);
      await extras.leave(partition);
    }
  }

  async #step(): Promise<void> {
    // others of the process have their turn, also where the store answers at once
    await reachOf(this.#options.ctx).clock.turn?.();
    const { extras } = this.#options;
    if (!extras.isReady()) await extras.whenReady(this.sign.signal);
    await this.#handleDue();
    await this.#handleParked();
    this.#noteFull();
    if (this.#isFull) return await this.#rest();
    await this.#feeds.fill();
    const input = this.#feeds.choose();
    if (input === undefined) return await this.#rest();
    await this.#handleNext(input, Math.min(stepSize, this.#maxKeys - this.#keeper.waiting), 0, true);
  }

  /** Records that a lost owner had in hand, one by one: with nothing else in hand, so that a death counts against that one. */
  async #handleSuspects(): Promise<void> {
    const { gate } = this.#options;
    const { partition } = this.held;
    if (this.#suspects.every((suspect) => suspect === undefined)) return;
    try {
      if (gate.isTaken(partition)) await this.#write(new JoinTurn(), undefined, nothing);
      await Promise.race([gate.enter(partition), untilAborted(this.sign.signal)]);
      for (const [input, suspect] of this.#suspects.entries())
        if (suspect !== undefined) await this.#goThrough(input, suspect);
    } finally {
      gate.leave(partition);
    }
  }

  async #goThrough(input: number, { to, tries }: { readonly to: number; readonly tries: number }): Promise<void> {
    const feed = this.#feeds.at(input);
    // it is the first of the range that was being handled; those behind it were only near
    for (let left = tries; feed !== undefined && feed.position < to && !this.sign.isSet; left = 0) {
      await feed.fill();
      if (feed.nextTimeMs === undefined) return;
      await this.#handleNext(input, 1, left, false);
    }
  }

  async #handleNext(input: number, limit: number, tries: number, isAhead: boolean): Promise<void> {
    const feed = this.#feeds.at(input);
    if (feed === undefined) return;
    await this.#takeInHand(input, feed.peek(limit));
    const { records, to } = feed.take(limit);
    const turn = new JoinTurn();
    if (tries < this.#options.settings.deadLetterAfter) await this.#merge(turn, input, records, tries);
    else for (const record of records) this.#runner.refuse(turn, input, record, poisonous(tries), tries);
    await this.#write(turn, { input, to }, (isAhead ? this.#next(turn) : undefined) ?? nothing);
    this.#handled += records.length;
  }

  /** What is taken in hand with the write of a turn, where it is known: a write less. */
  #next(turn: JoinTurn): InputEnd | undefined {
    const input = this.#feeds.choose();
    const room = this.#maxKeys - this.#keeper.waiting - turn.growth;
    if (input === undefined || room < 1) return undefined;
    return { input, to: this.#feeds.at(input)?.peek(Math.min(stepSize, room)) ?? 0 };
  }

  async #merge(turn: JoinTurn, input: number, records: readonly LogRecord[], tries: number): Promise<void> {
    for (const record of records) this.#noteTime(input, record);
    const keyed = await this.#intake.toKeys(turn, input, records);
    await this.#keeper.load(
      turn,
      keyed.map(({ key }) => key),
    );
    const lanes = new Map<string, Promise<void>>();
    for (const { key, record } of keyed) {
      this.sign.signal.throwIfAborted();
      await lanes.get(key);
      while (lanes.size >= this.#options.settings.lanes) await Promise.race(lanes.values());
      const work = this.#mergeOne(turn, input, key, record, tries);
      if (work === undefined) continue;
      const ended = work.finally(() => lanes.delete(key));
      ended.catch(() => undefined); // told when all are waited for
      lanes.set(key, ended);
    }
    await Promise.all(lanes.values());
  }

  /** @returns undefined when nothing is to be waited for */
  #mergeOne(turn: JoinTurn, input: number, key: string, record: LogRecord, tries: number): Promise<void> | undefined {
    const { settings } = this.#options;
    const timeMs = Math.min(record.timeMs, this.#now());
    const found = turn.find(key);
    // its time was over before this happened, whether or not anybody has noticed yet
    if (found?.state === "open" && timeMs >= found.dueAtMs) {
      return this.#runner.expire(turn, found).then(async () => {
        await this.#mergeOne(turn, input, key, record, tries);
      });
    }
    const isOld = found === undefined || (found.state === "emitted" && timeMs >= found.dueAtMs);
    const slot = isOld ? openSlot(key, timeMs, settings.expireMs) : { ...found };
    const result = mergeRecord(slot, input, record, settings);
    if (result === "ignored") return undefined;
    if (result === "large") {
      this.#runner.refuse(turn, input, record, tooLarge(settings));
      return undefined;
    }
    turn.set(slot);
    return result === "complete" ? this.#runner.handle(turn, slot, tries) : undefined;
  }

  async #handleDue(): Promise<void> {
    const nowMs = this.#now();
    await this.#handleDueOf("failed", nowMs, (turn, slot) => this.#tryAgain(turn, slot));
    // While no more is read, time is that of the clock: else keys that wait for what is not read would wait for ever.
    const passedMs = this.#isFull ? nowMs : this.#feeds.watermark(nowMs);
    await this.#handleDueOf("open", passedMs, (turn, slot) => this.#runner.expire(turn, slot));
    await this.#handleDueOf("emitted", passedMs, (turn, { key }) => Promise.resolve(turn.remove(key)));
  }

  async #handleDueOf(
    state: JoinState,
    dueByMs: number,
    handle: (turn: JoinTurn, slot: JoinSlot) => Promise<void>,
  ): Promise<void> {
    // one that is tried again is counted for itself before
    const limit = state === "failed" ? 1 : stepSize;
    while (this.#keeper.nextDueAtMs(state) <= dueByMs && !this.sign.isSet) {
      const rows = await this.#keeper.listDue(state, dueByMs, limit);
      if (rows.length === 0) return;
      const turn = new JoinTurn();
      for (const row of rows) {
        const slot = toSlot(row);
        turn.load(row.key, slot);
        await handle(turn, slot);
      }
      await this.#write(turn);
    }
  }

  async #tryAgain(turn: JoinTurn, slot: JoinSlot): Promise<void> {
    const { settings } = this.#options;
    if (slot.attempts >= settings.deadLetterAfter)
      return this.#runner.giveUp(turn, slot, { attempts: slot.attempts, error: poisonous(slot.attempts) });
    // durable before it begins, so that one that ends its process is counted
    const counted = { ...slot, attempts: slot.attempts + 1, dueAtMs: this.#now() + settings.retryWaitMs };
    const count = new JoinTurn();
    count.load(slot.key, slot);
    count.set(counted);
    await this.#write(count, undefined, nothing);
    await this.#runner.handle(turn, counted, slot.attempts);
  }

  /** Dead letters that people sent again. */
  async #handleParked(): Promise<void> {
    for (const row of await this.#parked.look(this.#now())) {
      const turn = new JoinTurn();
      turn.effects.unparked.push(row.id);
      const record = decodeRecord(row.payload, row.offset);
      const input = this.#feeds.indexOf(row.topicId);
      try {
        if (isJoined(record)) await this.#beginAgain(turn, record);
        else await this.#merge(turn, input, [{ ...record, timeMs: this.#now() }], 0);
      } catch (thrown) {
        if (this.sign.isSet) throw thrown;
        this.#runner.refuse(turn, input, record, classifyError(thrown), row.attempts + 1);
      }
      await this.#write(turn);
    }
  }

  /** What has come of a key takes the place of what is there, and its time begins anew. */
  async #beginAgain(turn: JoinTurn, record: LogRecord): Promise<void> {
    const { settings } = this.#options;
    const key = record.key === null ? "" : Buffer.from(record.key).toString();
    const names = settings.inputs.map(({ name }) => name);
    const arrivals = splitJoined(record, names);
    await this.#keeper.load(turn, [key]);
    const last = [...arrivals.keys()].at(-1) ?? 0;
    const slot = { ...openSlot(key, this.#now(), settings.expireMs), arrivals, last };
    turn.set(slot);
    if (arrivals.size === names.length) await this.#runner.handle(turn, slot, 0);
  }

  #noteTime(input: number, { timeMs }: LogRecord): void {
    const feed = this.#feeds.at(input);
    // a record of the future says nothing about the time of others
    if (feed !== undefined) feed.maxTimeMs = Math.max(feed.maxTimeMs, Math.min(timeMs, this.#now()));
  }

  async #takeInHand(input: number, to: number): Promise<void> {
    if (this.#inHand?.input === input && this.#inHand.to === to) return;
    await this.#write(new JoinTurn(), undefined, { input, to });
  }

  /** Writes a turn with the offsets. @param inHand what is taken in hand with it; default: what is */
  async #write(turn: JoinTurn, moved?: InputEnd, inHand: InputEnd | undefined = this.#inHand): Promise<void> {
    const { settings, toDelivery, deliveries } = this.#options;
    const { partition, epoch } = this.held;
    const moves = this.#feeds.toMoves(moved, inHand);
    const joins = turn.toDelivery(partition, settings.late === "again");
    const upTo = moves.reduce((sum, { to }) => sum + to, 0);
    const delivery = await toDelivery(turn.effects, [{ partition, epoch, moves }], upTo);
    await deliveries.deliver(joins === undefined ? delivery : { ...delivery, joins });
    const feed = moved === undefined ? undefined : this.#feeds.at(moved.input);
    if (feed !== undefined && moved !== undefined) feed.position = moved.to;
    this.#inHand = inHand;
    this.#keeper.note(turn);
  }

  async #rest(): Promise<void> {
    const { log } = reachOf(this.#options.ctx);
    const { partition } = this.held;
    const nowMs = this.#now();
    const states = ["open", "failed", "emitted"] as const;
    const nextMs = Math.min(...states.map((state) => this.#keeper.nextDueAtMs(state)));
    const timeoutMs = Math.max(1, Math.min(lookEveryMs, nextMs - nowMs));
    if (this.#isFull) return await this.sign.wait(timeoutMs);
    const positions = this.#feeds.positions(partition);
    await log.waitForRecords(positions, { timeoutMs, signal: this.sign.signal });
  }

  #noteFull(): void {
    const isFull = this.#keeper.waiting >= this.#maxKeys;
    const { logger } = reachOf(this.#options.ctx);
    if (isFull && !this.#isFull)
      logger.warn(`the join reads no more until keys are done or expire: ${this.#keeper.waiting} wait`, {
        partition: this.held.partition,
      });
    this.#isFull = isFull;
  }

  #now(): number {
    return reachOf(this.#options.ctx).clock.now();
  }
}

function tooLarge({ maxBytesPerKey }: JoinSettings): MillraceError {
  return new MillraceError(
    "JOIN_TOO_LARGE",
    `what has come of the key would be larger than \`${maxBytesPerKey}\` bytes`,
    {
      hint: "raise `maxBytesPerKey`, or give the topic a `claimCheck`",
    },
  );
}

function poisonous(tries: number): MillraceError {
  return new MillraceError("RECORD_POISONOUS", `workers died \`${tries}\` times while they handled this key`, {
    hint: "look for what ends the process: memory, native code, or `process.exit`",
  });
}

function isLeaving(thrown: unknown): boolean {
  return classifyError(thrown).disposition === "cancel";
}
