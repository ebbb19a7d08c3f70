// Works through one partition that the run holds: read → take in hand → handle → commit. All that was not committed when it
// is left is handled again by the next owner.
import type { JobContext } from "../../core/job/job-context.ts";
import type { GroupPosition, HeldPartition } from "../../core/stream/stream-ledger.ts";
import type { LogPosition, RecordsRead, TopicState } from "../../core/stream/stream-log.ts";
import type { StreamReach } from "../../core/stream/stream-reach.ts";
import type { LogRecord } from "../../core/stream/stream-record.ts";
import { ChunkFeed } from "./chunk-feed.ts";
import { CommitLine } from "./commit-line.ts";
import type { DeliveryOf } from "./delivery-of.ts";
import { Effects, type Outcome } from "./effects.ts";
import type { JointDeliveries } from "./joint-deliveries.ts";
import { Lanes } from "./lanes.ts";
import { LeaveSign } from "./leave-sign.ts";
import { OffsetTrack } from "./offset-track.ts";
import { ParkedBook } from "./parked-book.ts";
import { ParkedTries } from "./parked-tries.ts";
import { laneKeyOf, RecordRunner } from "./record-runner.ts";
import { parkedOf, type RecordOrigin } from "./set-aside.ts";
import type { GiveWay } from "../replay/give-way.ts";
import type { StreamExtras } from "./stream-extras.ts";
import { handleSuspects } from "./suspects.ts";
import type { SuspectGate } from "./suspect-gate.ts";
import { untilAborted } from "./until-aborted.ts";
import type { WorkerSettings } from "./worker-settings.ts";

export interface PartitionWorkerOptions {
  readonly reach: StreamReach;
  readonly ctx: JobContext;
  readonly settings: WorkerSettings;
  readonly extras: StreamExtras;
  readonly topic: TopicState;
  readonly held: HeldPartition;
  readonly position: GroupPosition;
  readonly toDelivery: DeliveryOf;
  /** Of all partitions of the run. */
  readonly gate: SuspectGate;
  readonly deliveries: JointDeliveries;
  /** Of all partitions of the run, where records are replayed. */
  readonly giveWay?: GiveWay | undefined;
}

/** Of a chunk as it lies in the log: what a process holds of a partition is two of them. */
const chunkBytes = 1_048_576;
/** A look for records is at most this far away. */
const lookEveryMs = 1_000;
/** A person who stops or pauses waits for as many records at most whose handlers return no promise. */
const recordsALook = 64;

/** Works from when it is made until it is asked to leave. */
export class PartitionWorker {
  readonly #options: PartitionWorkerOptions;
  readonly #origin: RecordOrigin;
  readonly #track: OffsetTrack;
  readonly #runner: RecordRunner;
  readonly #book: ParkedBook;
  readonly #line: CommitLine;
  readonly #lanes: Lanes;
  readonly #tries: ParkedTries;
  readonly #feed: ChunkFeed;
  #handled = 0;
  /** Set to leave it when what is in hand is done. */
  readonly sign: LeaveSign;
  /** Rejects with what ended it; resolves when it was left. */
  readonly done: Promise<void>;

  constructor(options: PartitionWorkerOptions) {
    const { reach, settings, held, topic, position, ctx, extras, toDelivery, deliveries } = options;
    const { partition, epoch } = held;
    const { clock, random, connections, port: ledger } = reach;
    const { group, deadLetterAfter, lanes: count } = settings;
    const now = (): number => clock.now();
    const track = new OffsetTrack(position.offset);
    const sign = new LeaveSign(clock, reach.signal);
    const origin = { topic: topic.name, topicId: topic.id, partition, code: reach.code };
    const { lookup, store } = extras;
    const place = { ctx, topic: topic.name, topicId: topic.id, partition, replay: settings.replay, lookup, store, now };
    const runner = new RecordRunner({ settings, place, origin, connections, extras, clock, random, sign });
    const book = new ParkedBook({ ledger, group, partition });
    const { offset, inHand } = position;
    const standing = { partition, epoch, topicId: topic.id, offset, handTo: inHand?.to };
    const line = new CommitLine({ deliveries, group, ...standing, track, book, toDelivery });
    const onHandled = (): void => this.#count();
    this.#options = options;
    this.#origin = origin;
    this.#track = track;
    this.sign = sign;
    this.#runner = runner;
    this.#book = book;
    this.#line = line;
    this.#tries = new ParkedTries({ book, runner, line, deadLetterAfter, clock, sign, onHandled });
    this.#lanes = new Lanes({ count, track, process: (record) => this.#process(record, 0) });
    this.#feed = this.#read(offset, this.#bound);
    const suspects = findSuspects(position);
    // Before any partition of the run begins.
    if (suspects !== undefined) options.gate.register(partition, suspects.tries);
    this.done = this.#run();
  }

  /** Where the records end that are replayed; undefined for those that come. */
  get #bound(): number | undefined {
    const { replay } = this.#options.settings;
    return replay === undefined ? undefined : (replay.ends.get(this.held.partition) ?? 0);
  }

  /** Whether all that is replayed is done. */
  get isDone(): boolean {
    const bound = this.#bound;
    return bound !== undefined && this.#track.low >= bound && this.#book.isEmpty;
  }

  get held(): HeldPartition {
    return this.#options.held;
  }

  /** Records that came to their end here. */
  get handled(): number {
    return this.#handled;
  }

  /** Below it all is done. */
  get positions(): readonly LogPosition[] {
    const { topic, held } = this.#options;
    return [{ topic, partition: held.partition, offset: this.#track.low }];
  }

  /** Records that wait, as far as the last look tells. */
  get lag(): number {
    return Math.max(0, (this.#bound ?? this.#feed.end ?? 0) - this.#track.low);
  }

  /** To be called now and then: writes what is done although a record before is not, and tries what was parked. */
  tick(): void {
    if (this.sign.isSet) return;
    const leave = (): void => this.sign.set();
    // The failure is told by `done`.
    void this.#line.flush().catch(leave);
    if (!this.#runner.isHeld && this.#options.extras.isReady()) this.#tries.start(leave);
  }

  async #run(): Promise<void> {
    const { extras } = this.#options;
    try {
      await extras.enter(this.held.partition, this.sign.signal);
      await this.#book.refresh();
      await this.#handleSuspects();
      await Promise.race([this.#options.gate.opened(), untilAborted(this.sign.signal)]);
      while (!this.sign.isSet) await this.#handleNext();
      if (!this.sign.isOver) await this.#lanes.drain();
    } catch (thrown) {
      // What is thrown because it is left is no failure.
      if (!this.sign.isSet) throw thrown;
    } finally {
      await this.#end();
      await extras.leave(this.held.partition);
    }
    if (this.#line.failure !== undefined) throw this.#line.failure;
  }

  async #handleSuspects(): Promise<void> {
    const { gate, position } = this.#options;
    const inHand = findSuspects(position);
    if (inHand === undefined) return;
    const { partition } = this.held;
    try {
      // Nothing is in hand while it waits, so that no death of another counts here.
      if (gate.isTaken(partition)) await this.#line.takeInHand(position.offset);
      await Promise.race([gate.enter(partition), untilAborted(this.sign.signal)]);
      if (this.sign.isSet) return;
      await this.#line.takeInHand(inHand.to);
      await this.#goThrough(inHand);
    } finally {
      gate.leave(partition);
    }
  }

  async #goThrough(inHand: Suspects): Promise<void> {
    const { offset } = this.#options.position;
    await handleSuspects({
      inHand,
      feed: this.#read(offset, inHand.to),
      deadLetterAfter: this.#options.settings.deadLetterAfter,
      process: (record, tries) => this.#process(record, tries),
      giveUp: (record, attempts, error) => this.#runner.giveUp(record, attempts, error),
      track: this.#track,
      line: this.#line,
      sign: this.sign,
    });
    this.#feed.skipTo(this.#track.low);
  }

  async #handleNext(): Promise<void> {
    const chunk = await this.#feed.take();
    if (chunk.records.length === 0) return await this.#rest(chunk);
    this.#options.giveWay?.see(this.held.partition, chunk.end);
    await this.#line.takeInHand(chunk.next);
    // Behind the last one that was there a look, which all partitions share, tells sooner than a read of each.
    const isLast = this.#bound === undefined && chunk.next >= chunk.end;
    if (!isLast) this.#feed.prefetch();
    if (!(await this.#handle(chunk))) return;
    this.#track.passTo(chunk.next);
    // What comes next is taken in hand by the write that says that this is done.
    await this.#line.flush({ handTo: isLast ? undefined : await this.#feed.peek() });
    while (this.#book.isFull) await this.sign.wait(lookEveryMs);
    if (isLast) await this.#rest(chunk);
  }

  /** @returns false when it was left before the end */
  async #handle({ records }: RecordsRead): Promise<boolean> {
    const { extras, reach, giveWay } = this.#options;
    const { clock } = reach;
    let untilLook = recordsALook;
    for (const record of records) {
      untilLook -= 1;
      if (untilLook === 0) {
        untilLook = recordsALook;
        await clock.turn?.();
        const restMs = giveWay?.restMs() ?? 0;
        if (restMs > 0) await clock.sleep(restMs, this.sign.signal);
      }
      if (!extras.isReady()) await extras.whenReady(this.sign.signal);
      if (this.sign.isSet) return false;
      this.#line.note(record.timeMs);
      const room = this.#lanes.submit(record);
      if (room !== undefined) await room;
    }
    await this.#lanes.drain();
    return true;
  }

  async #rest({ next }: RecordsRead): Promise<void> {
    const { reach, topic } = this.#options;
    const { partition } = this.held;
    this.#track.passTo(next);
    await this.#line.flush();
    const { signal } = this.sign;
    if (this.#bound !== undefined) return await this.sign.wait(lookEveryMs);
    await reach.log.waitForRecords([{ topic, partition, offset: next }], { timeoutMs: lookEveryMs, signal });
  }

  #process(record: LogRecord, tries: number): Outcome | Promise<Outcome> {
    if (!this.#book.isEmpty) {
      const laneKey = laneKeyOf(record);
      if (this.#book.holds(laneKey)) return this.#settle(this.#follow(record, laneKey));
    }
    const outcome = this.#runner.run(record, tries);
    if (outcome instanceof Promise) return outcome.then((later) => this.#settle(later));
    return this.#settle(outcome);
  }

  // Before the next record of its lane begins, so that none passes one of its key that is parked.
  #settle(outcome: Outcome): Outcome {
    if (outcome === undefined || outcome.parked.length === 0) this.#count();
    else for (const { laneKey, offset } of outcome.parked) this.#book.add(laneKey, offset);
    return outcome;
  }

  #follow(record: LogRecord, laneKey: string): Effects {
    const outcome = new Effects();
    const error = { code: "RECORD_PARKED", message: "waits behind an earlier record of its key" } as const;
    outcome.parked.push(parkedOf(this.#origin, record, { attempts: 0, error, laneKey, dueInMs: 0 }));
    return outcome;
  }

  #count(): void {
    this.#handled += 1;
  }

  #read(from: number, to?: number): ChunkFeed {
    const { reach, topic, held } = this.#options;
    const bound = to === undefined ? {} : { to };
    const { signal } = this.sign;
    const { partition } = held;
    return new ChunkFeed({ log: reach.log, topic, partition, from, ...bound, maxBytes: chunkBytes, signal });
  }

  // What is done is kept where that is possible; after a lost lease it is not, and nothing depends on it.
  async #end(): Promise<void> {
    this.sign.set();
    this.#options.gate.leave(this.held.partition);
    await this.#tries.end();
    await this.#line.flush().catch(() => undefined);
  }
}

type Suspects = NonNullable<GroupPosition["inHand"]>;

/** What was in hand when an owner was lost. */
function findSuspects({ inHand, offset }: GroupPosition): Suspects | undefined {
  return inHand !== undefined && inHand.tries > 0 && inHand.to > offset ? inHand : undefined;
}
