// One copy of a store, kept up to date beside the handlers that look into it. It serves what it holds as soon as that is near enough to
// its topic; code that has changed makes it anew beside the state of the code before, which serves until then.
import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { StreamLogger } from "../../core/stream/job-streams.ts";
import type { StoreDefinition, StoreReader } from "../../core/stream/store.ts";
import type { StreamLog, TopicState } from "../../core/stream/stream-log.ts";
import type { LogRecord } from "../../core/stream/stream-record.ts";
import { type OwnedFolder, takeFolder } from "./copy-lock.ts";
import { foldRecords } from "./fold-records.ts";
import { toLocalStoreError } from "./local-store-error.ts";
import { recoverState, removeState, stateFileName } from "./recover-state.ts";
import { ServedState } from "./served-state.ts";
import { SnapshotKeeper } from "./snapshot-keeper.ts";
import type { SnapshotPlace } from "./snapshot-place.ts";
import { StateFile, type StateIdentity } from "./state-file.ts";
import { StatusTeller } from "./status-teller.ts";
import { type Round, TopicReader } from "./topic-reader.ts";

export interface StoreCopyOptions {
  readonly definition: StoreDefinition;
  readonly log: StreamLog;
  readonly clock: Clock;
  readonly logger: StreamLogger;
  /** The folder of all stores, absolute. */
  readonly folder: string;
  readonly snapshots: SnapshotPlace;
  /** Whose copy it is, for people. */
  readonly run: string;
  /** Puts payloads in the place of their tokens. Default: records are taken as they are. */
  readonly checkOut?: (records: readonly LogRecord[]) => Promise<readonly LogRecord[]>;
}

/** A moment at which somebody has looked where the topic ends. */
interface Mark {
  readonly atMs: number;
  readonly ends: ReadonlyMap<number, number>;
}

/** Begins to follow its topic when it is opened, and ends when it is disposed of. What it fails with is told to whoever looks. */
export class StoreCopy implements AsyncDisposable {
  readonly #options: StoreCopyOptions;
  readonly #owned: OwnedFolder;
  readonly #served: ServedState;
  readonly #teller: StatusTeller;
  readonly #ending = new AbortController();
  #following: Promise<void> = Promise.resolve();
  #old: StateFile | undefined;

  private constructor(options: StoreCopyOptions, owned: OwnedFolder) {
    this.#options = options;
    this.#owned = owned;
    this.#served = new ServedState(options.definition, options.clock);
    this.#teller = new StatusTeller({ ...options, folder: owned.path, served: this.#served });
  }

  /** @throws MillraceError `LOCAL_STORE_FAILED` when no folder can be had */
  static async open(options: StoreCopyOptions): Promise<StoreCopy> {
    const owned = await takeFolder(join(options.folder, options.definition.name));
    const copy = new StoreCopy(options, owned);
    copy.#following = copy.#keepFollowing();
    return copy;
  }

  reader(): StoreReader {
    return this.#served.reader();
  }

  /** Whether a handler may look now; cheap. @throws MillraceError what the copy has failed with */
  isServing(): boolean {
    return this.#served.isServing();
  }

  /** Resolves when a handler may look. @throws MillraceError what the copy has failed with */
  async whenServing(signal: AbortSignal): Promise<void> {
    await this.#served.whenServing(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#following;
    await this.#teller.close();
    this.#old?.[Symbol.dispose]();
    this.#owned[Symbol.dispose]();
  }

  async #keepFollowing(): Promise<void> {
    const { logger, definition, clock } = this.#options;
    for (let isFirst = true; !this.#ending.signal.aborted; isFirst = false) {
      try {
        await this.#follow(isFirst);
      } catch (error) {
        if (this.#ending.signal.aborted) return;
        const failure = toLocalStoreError(error, this.#owned.path);
        if (!beginsAnew.has(failure.code) && !passes(failure)) {
          this.#served.fail(failure);
          await this.#teller.tell({ failure });
          return;
        }
        logger.warn("a store begins anew", { store: definition.name, reason: failure.message });
        await clock.sleep(pauseMs, this.#ending.signal);
      }
    }
  }

  /** From where the state can be continued, until the topic is another one. */
  async #follow(isFirst: boolean): Promise<void> {
    const topic = await this.#findTopic(isFirst);
    const identity: StateIdentity = {
      store: this.#options.definition.name,
      topicId: topic.id,
      code: fingerprint(this.#options.definition),
    };
    const place = { place: this.#options.snapshots, identity, logger: this.#options.logger };
    const { file, from, snapshotAtMs } = await recoverState({ ...place, folder: this.#owned.path, topic });
    const { clock, definition, logger } = this.#options;
    const keeper = new SnapshotKeeper({ ...place, clock, everyMs: definition.snapshotEveryMs, lastAtMs: snapshotAtMs });
    logger.info("a store follows its topic", { store: definition.name, topic: topic.name, from });
    try {
      if (file.caughtUpAtMs === undefined) await this.#serveOld(identity);
      else this.#served.serve(file);
      await this.#applyRounds(topic, file, keeper);
    } finally {
      this.#served.serve(undefined);
      await keeper.settle();
      file[Symbol.dispose]();
    }
  }

  async #applyRounds(topic: TopicState, file: StateFile, keeper: SnapshotKeeper): Promise<void> {
    const { definition, clock, logger } = this.#options;
    const positions = new Map([...file.positions.values()].map(({ partition, offset }) => [partition, offset]));
    const { signal } = this.#ending;
    const reader = new TopicReader({
      ...this.#options,
      topic,
      positions,
      signal,
      isBusy: () => this.#served.isServing(),
    });
    let mark: Mark = { atMs: clock.now(), ends: new Map(topic.bounds.map(({ partition, end }) => [partition, end])) };
    let lookedAtMs = clock.now();
    try {
      while (!signal.aborted) {
        const round = await this.#readPatiently(reader);
        if (round === undefined) return;
        const caughtUpAtMs = reached(round, mark) ? mark.atMs : undefined;
        if (caughtUpAtMs !== undefined) mark = { atMs: round.readAtMs, ends: round.ends };
        const { unfit } = this.#apply(file, round, caughtUpAtMs);
        if (unfit.length > 0)
          logger.warn("records do not fit their topic", { store: definition.name, unfit: unfit.slice(0, 10) });
        this.#served.noteEnds(round.ends);
        // reached at once where nothing was left to read
        const heldAtMs = round.reachesEnd ? round.readAtMs : caughtUpAtMs;
        if (heldAtMs !== undefined) await this.#caughtUp(file, heldAtMs);
        if (file.caughtUpAtMs !== undefined) keeper.keep(file);
        this.#teller.mayTell({ file, ends: round.ends, snapshotAtMs: keeper.lastAtMs });
        if (round.reachesEnd) await reader.wait(pollMs);
        await clock.turn?.();
        if (clock.now() - lookedAtMs < topicLookMs) continue;
        lookedAtMs = clock.now();
        if (await this.#hasGrown(topic)) return;
      }
    } finally {
      await reader.settle();
    }
  }

  #apply(file: StateFile, round: Round, caughtUpAtMs: number | undefined): ReturnType<typeof foldRecords> {
    const moved = round.batches.filter(({ partition, next }) => next !== (file.positions.get(partition)?.offset ?? 0));
    const atMs = round.reachesEnd ? round.readAtMs : caughtUpAtMs;
    const isNews = moved.length > 0 || (atMs !== undefined && file.caughtUpAtMs === undefined);
    return isNews ? foldRecords(this.#options.definition, file, moved, atMs) : { applied: 0, unfit: [] };
  }

  /** The first time that all is applied, the file takes the place of the one before. */
  async #caughtUp(file: StateFile, atMs: number): Promise<void> {
    this.#served.caughtUp(atMs);
    if (this.#old === undefined && this.#served.serves(file)) return;
    this.#served.serve(file);
    this.#old?.[Symbol.dispose]();
    this.#old = undefined;
    for (const name of await this.#stateFiles()) {
      if (name !== stateFileName(file.identity)) await removeState(join(this.#owned.path, name));
    }
  }

  /** The newest state that other code has made whole of the same topic serves meanwhile. */
  async #serveOld({ topicId, code }: StateIdentity): Promise<void> {
    this.#old?.[Symbol.dispose]();
    this.#old = undefined;
    for (const name of await this.#stateFiles()) {
      if (name === stateFileName({ store: "", topicId, code })) continue;
      const file = StateFile.open(join(this.#owned.path, name), "any");
      if (file === undefined) continue;
      if (file.identity.topicId === topicId && file.caughtUpAtMs !== undefined) {
        this.#old = file;
        this.#served.serve(file, true);
        this.#options.logger.info("a store is made anew, and serves what its code before has made", {
          store: file.identity.store,
        });
        return;
      }
      file[Symbol.dispose]();
    }
  }

  /** Newest first. */
  async #stateFiles(): Promise<readonly string[]> {
    const names = (await readdir(this.#owned.path)).filter((name) => name.endsWith(".sqlite"));
    const times = await Promise.all(names.map(async (name) => (await stat(join(this.#owned.path, name))).mtimeMs));
    return names.toSorted((a, b) => (times[names.indexOf(b)] ?? 0) - (times[names.indexOf(a)] ?? 0));
  }

  /** `undefined` when it is to end; waits for a log that is away. */
  async #readPatiently(reader: TopicReader): Promise<Round | undefined> {
    const { logger, definition, clock } = this.#options;
    for (let isSaid = false; !this.#ending.signal.aborted; isSaid = true) {
      try {
        return await reader.read();
      } catch (error) {
        if (!(error instanceof MillraceError) || !passes(error)) throw error;
        if (!isSaid) logger.warn("a store waits for its log", { store: definition.name, reason: error.message });
        await clock.sleep(pauseMs, this.#ending.signal);
      }
    }
    return undefined;
  }

  async #findTopic(isFirst: boolean): Promise<TopicState> {
    const { log, definition } = this.#options;
    const { name, partitions, retentionMs } = definition.topic;
    if (isFirst) return await log.declareTopic({ name, partitions, retentionMs });
    const topic = await log.findTopic(name);
    if (topic !== undefined) return topic;
    throw new MillraceError("TOPIC_UNKNOWN", `topic of store \`${definition.name}\` is gone: \`${name}\``);
  }

  async #hasGrown(topic: TopicState): Promise<boolean> {
    const now = await this.#options.log.findTopic(topic.name);
    return now !== undefined && (now.id !== topic.id || now.bounds.length !== topic.bounds.length);
  }
}

/** Tells versions of the code of a store apart. */
function fingerprint(definition: StoreDefinition): string {
  return createHash("sha256").update(JSON.stringify(definition.codeText())).digest("hex");
}

function reached({ batches }: Round, { ends }: Mark): boolean {
  return batches.every(({ partition, next }) => next >= (ends.get(partition) ?? 0));
}

/** Of the log; a store that cannot write fails with its run, so that people see it. */
function passes({ disposition, code }: MillraceError): boolean {
  return disposition === "retry" && code !== "LOCAL_STORE_FAILED" && code !== "DISK_FULL";
}

/** After these the state may be continued from another place. */
const beginsAnew: ReadonlySet<string> = new Set(["OFFSET_OUT_OF_RANGE", "TOPIC_CHANGED"]);

const pauseMs = 1_000;
/** How old what it knows of the end of its topic may be at rest. */
const pollMs = 1_000;
const topicLookMs = 5_000;
