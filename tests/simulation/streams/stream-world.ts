// One world of streams: producers, workers of a job, batches of the same topic, and trouble, in virtual time, decided by the seed alone.
import type { Job } from "../../../src/core/job/job.ts";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import type { ClaimedRun, Fence } from "../../../src/store/rows/run-records.ts";
import type { Store } from "../../../src/store/store.ts";
import { EventLoop } from "../world/event-loop.ts";
import { plant, type PlantedFault } from "../world/planted-faults.ts";
import { SimulationRandom } from "../world/simulation-random.ts";
import { SimulationTrace } from "../world/simulation-trace.ts";
import { type WorldReport, worldStartMs } from "../world/simulated-world.ts";
import type { StoreFile, StoreFolder } from "../world/store-file.ts";
import { checkStreams, readTopic } from "./check-streams.ts";
import { batchGroup, BatchMaker, runBatch } from "./stream-batches.ts";
import { copies, copyJob, type HandlerWorld } from "./stream-jobs.ts";
import { joinGroup, JoinScene, pairJob } from "./stream-joins.ts";
import { type MemberParts, Process } from "./stream-member.ts";
import { StreamModel } from "./stream-model.ts";
import { type StreamFault, StreamNetwork } from "./stream-network.ts";
import { drawPlan, type StreamPlan } from "./stream-plan.ts";
import { StreamProducer } from "./stream-producer.ts";

export interface StreamWorldOptions {
  readonly seed: number;
  readonly folder: StoreFolder;
  readonly planted?: PlantedFault;
}

/** Lives through one seed. */
export async function runStreamWorld({ seed, folder, planted }: StreamWorldOptions): Promise<WorldReport> {
  const loop = new EventLoop(worldStartMs);
  await using file = await folder.open({ now: () => loop.nowMs });
  const world = new StreamWorld(seed, loop, file, planted);
  return await world.live();
}

/** A world that has not come to rest this long after its healing hangs. */
const restWithinMs = 240_000;
const chaosEveryMs = 400;
const lookEveryMs = 250;

class StreamWorld {
  readonly #seed: number;
  readonly #loop: EventLoop;
  readonly #file: StoreFile;
  readonly #store: Store;
  readonly #plan: StreamPlan;
  readonly #random: SimulationRandom;
  readonly #model: StreamModel;
  readonly #trace: SimulationTrace;
  readonly #network: StreamNetwork;
  readonly #parts: MemberParts;
  readonly #faults: Record<string, number> = {};
  readonly #members = new Set<Process>();
  readonly #joiners = new Set<Process>();
  readonly #joins: JoinScene | undefined;
  readonly #kills = new Map<string, number>();
  #partitions: number;
  #names = 0;
  #runs = 0;
  #seeks = 0;
  #isMended = false;
  #isAtRest = false;
  #failure: Error | undefined;

  constructor(seed: number, loop: EventLoop, file: StoreFile, planted: PlantedFault | undefined) {
    const random = new SimulationRandom(seed, "streams");
    this.#seed = seed;
    this.#loop = loop;
    this.#model = new StreamModel(() => loop.nowMs);
    this.#file = file;
    this.#random = random;
    this.#plan = drawPlan(random.fork("plan"));
    this.#partitions = this.#plan.partitions;
    this.#trace = new SimulationTrace(() => loop.nowMs - worldStartMs);
    this.#store = plant(file.store, planted, { file, random: random.fork("planted"), now: () => loop.nowMs });
    const { trouble } = this.#plan;
    const count = (fault: StreamFault): void => this.#count(fault);
    this.#network = new StreamNetwork({ loop, random: random.fork("network"), trouble, count });
    this.#parts = {
      loop,
      network: this.#network,
      model: this.#model,
      store: this.#store,
      random: random.fork("members"),
      trace: (actor, text) => this.#trace.add(actor, text),
      onCrash: (process) => this.#takeOver(process),
    };
    const { join } = this.#plan;
    this.#joins = join && new JoinScene(this.#parts, this.#plan, join, random.fork("joins"));
  }

  async live(): Promise<WorldReport> {
    const { healAtMs, partitions } = this.#plan;
    const orders = await this.#store.declareTopic({ name: "orders", partitions, retentionMs: undefined });
    await this.#store.declareTopic({ name: "copies", partitions: copies.partitions, retentionMs: undefined });
    const producer = new StreamProducer({ parts: this.#parts, plan: this.#plan, random: this.#random, orders });
    const batches = new BatchMaker(this.#store, this.#random.fork("batches"));
    this.#go(producer.produceAll(() => this.#partitions));
    await this.#joins?.begin(this.#store, (work) => this.#go(work));
    this.#every(chaosEveryMs, () => this.#trouble());
    this.#every(lookEveryMs, async () => await this.#keepAlive());
    this.#every(700, async () => await batches.makeNext(orders.name));
    this.#loop.after(healAtMs, () => (this.#network.isCalm = true));
    this.#every(lookEveryMs, async () => await this.#look(producer, batches));
    await this.#loop.run(() => this.#isAtRest || this.#failure !== undefined || this.#model.violations.length > 0);
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isAtRest) {
      await checkStreams({
        store: this.#file.store,
        model: this.#model,
        plan: this.#plan,
        kills: this.#kills,
        seeks: this.#seeks,
        acknowledged: producer.acknowledged,
      });
      const emitted = this.#joins && (await readTopic<{ readonly key: string }>(this.#file.store, "pairs"));
      await this.#joins?.check(this.#file.store, emitted?.map(({ value }) => value.key) ?? []);
    }
    return this.#report();
  }

  #report(): WorldReport {
    return {
      seed: this.#seed,
      violations: this.#model.violations,
      hash: this.#trace.hash(),
      lines: this.#trace.lines,
      virtualMs: this.#loop.nowMs - worldStartMs,
      events: this.#loop.events,
      runs: this.#runs,
      accepted: this.#model.accepted,
      fenced: this.#model.fenced,
      faults: this.#faults,
    };
  }

  #count(fault: StreamFault): void {
    this.#faults[fault] = (this.#faults[fault] ?? 0) + 1;
  }

  // A world stops at what its own code throws: that is no finding.
  #go(work: Promise<unknown>): void {
    work.catch((error: unknown) => (this.#failure ??= error instanceof Error ? error : new Error(String(error))));
  }

  #every(ms: number, work: () => void | Promise<void>): void {
    const step = (): void => {
      this.#go(Promise.resolve(work()));
      this.#loop.after(ms, step);
    };
    this.#loop.after(this.#random.integer(0, ms), step);
  }

  // As many processes as there are to be, and one for each batch that waits.
  async #keepAlive(): Promise<void> {
    while (await this.#startNext());
    const { members, join } = this.#plan;
    await this.#top(this.#members, members, "copy");
    await this.#top(this.#joiners, join?.members ?? 0, joinGroup);
  }

  async #top(processes: ReadonlySet<Process>, count: number, job: string): Promise<void> {
    while (processes.size < count) {
      await this.#store.submit({ runs: [{ ...newRun, job }], edges: [] });
      if (!(await this.#startNext())) return;
    }
  }

  /** Claims a run in a process of its own. */
  async #startNext(): Promise<boolean> {
    this.#names += 1;
    const name = `p${this.#names}`;
    const owner = { host: "host", bootId: "boot", pid: this.#names, startTicks: "1" };
    const workerId = await this.#store.registerWorker({ name, ttlMs: 86_400_000, process: owner });
    const [run] = await this.#store.claim({ workerId, limit: 1 });
    if (run === undefined) {
      await this.#store.retireWorker(workerId);
      return false;
    }
    this.#runs += 1;
    const fence = { runId: run.runId, epoch: run.epoch };
    this.#model.leased(fence);
    const process = new Process(this.#parts, name, workerId, fence);
    this.#go(this.#execute(process, run, fence));
    return true;
  }

  async #execute(process: Process, run: ClaimedRun, fence: Fence): Promise<void> {
    const isBatch = run.job === batchGroup;
    const others = run.job === joinGroup ? this.#joiners : this.#members;
    this.#trace.add(process.name, `begins run ${run.runId} of ${run.job}`);
    if (!isBatch) others.add(process);
    try {
      if (isBatch) await runBatch(process, run);
      else await process.execute(this.#jobOf(run, process), run);
      await this.#settle(fence, "finished");
    } catch (thrown) {
      this.#trace.add(process.name, `ends: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      if (!(thrown instanceof MillraceError) || thrown.code === "INTERNAL") throw thrown;
      await this.#settle(fence, isBatch ? "released" : "finished");
    } finally {
      others.delete(process);
    }
  }

  #jobOf({ job }: ClaimedRun, process: Process): Job {
    const { join } = this.#plan;
    if (job === joinGroup && join !== undefined) return pairJob(this.#plan, join);
    return copyJob(this.#plan, process, this.#handlers, this.#partitions);
  }

  async #settle(fence: Fence, end: "finished" | "released"): Promise<void> {
    if (!this.#model.isLive(fence)) return;
    await this.#store.settle([end === "finished" ? { ...fence, end, result: null } : { ...fence, end }]);
    this.#model.ended(fence);
  }

  get #handlers(): HandlerWorld {
    return {
      isMended: () => this.#isMended,
      onPoison: (place) => {
        this.#count("poison");
        this.#kills.set(place, (this.#kills.get(place) ?? 0) + 1);
      },
    };
  }

  // Whoever notices a death ends the leases of the process.
  #takeOver(process: Process): void {
    this.#loop.after(this.#plan.takeoverMs, () => this.#go(this.#reap(process)));
  }

  async #reap(process: Process): Promise<void> {
    if (process.fence === undefined) return;
    this.#trace.add(process.name, "is reaped");
    await this.#store.reap({ limit: 100, deadWorkerIds: [process.workerId], maxLosses: 1_000_000 });
    this.#model.ended(process.fence);
    this.#members.delete(process);
    this.#joiners.delete(process);
  }

  async #trouble(): Promise<void> {
    if (this.#network.isCalm) return;
    const { deaths, zombies, leavings, seeks, raiseTo } = this.#plan;
    const alive = [...this.#members, ...this.#joiners].filter(({ isDead }) => !isDead);
    const own = this.#random;
    if (alive.length > 0) {
      const victim = own.pick(alive);
      if (own.chance(deaths)) {
        this.#count("crash");
        victim.crash();
      } else if (own.chance(zombies)) {
        this.#count("zombie");
        await this.#reap(victim);
      } else if (own.chance(leavings)) {
        this.#count("leaving");
        victim.isAskedToLeave = true;
      }
    }
    if (raiseTo !== undefined && this.#partitions < raiseTo && own.chance(0.2)) await this.#raise(raiseTo);
    if (own.chance(seeks)) await this.#seek();
  }

  async #raise(partitions: number): Promise<void> {
    this.#count("raise");
    await this.#store.declareTopic({ name: "orders", partitions, retentionMs: undefined });
    this.#partitions = partitions;
  }

  // A person puts all partitions back, so that records come once more.
  async #seek(): Promise<void> {
    const group = await this.#store.findGroup("copy");
    if (group === undefined || group.positions.length === 0) return;
    this.#count("seek");
    this.#seeks += 1;
    const places = group.positions.map(({ topic, topicId, partition, offset }) => ({
      topic,
      topicId,
      partition,
      offset: this.#random.integer(0, offset),
    }));
    await this.#store.seekGroup("copy", places, { force: true });
    this.#trace.add("person", `seeks to ${places.map(({ partition, offset }) => `${partition}:${offset}`).join(" ")}`);
    for (const { topicId, partition, offset } of places) this.#model.sought("copy", topicId, partition, offset);
  }

  // At rest once, the code is mended and what was given up is given back; at rest again, all is over.
  async #look(producer: StreamProducer, batches: BatchMaker): Promise<void> {
    if (!this.#network.isCalm || !producer.isDone) return;
    if (this.#loop.nowMs - worldStartMs > this.#plan.healAtMs + restWithinMs) {
      this.#model.object("rest", "the group stands still");
      return;
    }
    if (this.#joins !== undefined && !(await this.#joins.isIdle(this.#store))) return;
    if (!(await this.#isIdle()) || (await batches.isBusy("orders"))) return;
    if (this.#isMended) {
      this.#isAtRest = true;
      return;
    }
    this.#isMended = true;
    const letters = await this.#store.listDeadLetters({ group: "copy", state: "open", limit: 10_000 });
    const ids = letters.filter(({ errorCode }) => errorCode === "JOB_FAILED").map(({ id }) => id);
    if (ids.length > 0) await this.#store.retryDeadLetters({ group: "copy", ids, limit: 10_000 });
    this.#trace.add("person", `gives ${ids.length} dead letters back`);
  }

  async #isIdle(): Promise<boolean> {
    const group = await this.#store.findGroup("copy");
    const topic = await this.#store.findTopic("orders");
    if (group === undefined || topic === undefined || group.parked > 0) return false;
    return topic.bounds.every(
      ({ partition, end }) => group.positions.find((position) => position.partition === partition)?.offset === end,
    );
  }
}

const newRun = { kind: "job", params: {}, tenant: "default", createdBy: "streams" } as const;
