// One seed's world: workers, clients and trouble over the real store; chaos, then healing, then the reckoning.
import type { WorkerId } from "../../../src/store/rows/run-records.ts";
import { heal, startChaos } from "./chaos.ts";
import { OrchestratorModel, type Violation } from "../model/orchestrator-model.ts";
import { EventLoop } from "./event-loop.ts";
import { FaultCounter } from "./fault-counter.ts";
import { checkEnd } from "../model/check-end.ts";
import { ObservedStore } from "./observed-store.ts";
import { plant, type PlantedFault } from "./planted-faults.ts";
import { startSimulatedHeartbeat } from "./simulated-heartbeat.ts";
import { type NetworkConditions, SimulatedNetwork } from "./simulated-network.ts";
import { SimulatedProcess } from "./simulated-process.ts";
import { SimulationRandom } from "./simulation-random.ts";
import { SimulationTrace } from "./simulation-trace.ts";
import type { Store } from "../../../src/store/store.ts";
import type { StoreFile, StoreFolder } from "./store-file.ts";
import { putRight, startPerson, type SimulatedPersonOptions } from "./simulated-person.ts";
import { WorkerSlot } from "./worker-slot.ts";
import { planWorkload } from "./workload.ts";

export interface WorldOptions {
  readonly seed: number;
  readonly folder: StoreFolder;
  /** Virtual hours that the world spans; default as long as its trouble lasts, about a minute. */
  readonly hours?: number;
  /** A bug to plant, for proving that it is found. */
  readonly planted?: PlantedFault;
}

export interface WorldReport {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly hash: string;
  readonly lines: readonly string[];
  readonly virtualMs: number;
  readonly events: number;
  readonly runs: number;
  readonly accepted: number;
  readonly fenced: number;
  readonly faults: Readonly<Record<string, number>>;
}

/** Every world begins here. */
export const worldStartMs: number = Date.UTC(2026, 0, 1);
/** Limits that runs of a world may have to respect. */
const gates = ["job:alpha", "pool:press", "tenant:acme"];
/** A world that has not come to rest this long after its healing hangs. */
const restWithinMs = 3_600_000;
/** What a person asked in the trouble has arrived by then. */
const lastWordsMs = 30_000;

/** Lives through one seed. */
export async function runWorld(options: WorldOptions): Promise<WorldReport> {
  const random = new SimulationRandom(options.seed, "world");
  const loop = new EventLoop(worldStartMs);
  await using file = await options.folder.open({ now: () => Math.floor(loop.nowMs) });
  const world = new SimulatedWorld(options, random, loop, file);
  return await world.live();
}

class SimulatedWorld {
  readonly #options: WorldOptions;
  readonly #random: SimulationRandom;
  readonly #loop: EventLoop;
  readonly #file: StoreFile;
  readonly #trace: SimulationTrace;
  readonly #faults = new FaultCounter();
  readonly #model: OrchestratorModel;
  readonly #network: SimulatedNetwork;
  readonly #processes: SimulatedProcess[] = [];
  readonly #workers: WorkerSlot[] = [];
  readonly #conditions: NetworkConditions = { failBefore: 0, failAfter: 0, slow: 0, hintLoss: 0, isStoreDown: false };
  #pendingSubmissions = 0;
  #pid = 0;
  #person: SimulatedPersonOptions | undefined;
  #isAtRest = false;

  constructor(options: WorldOptions, random: SimulationRandom, loop: EventLoop, file: StoreFile) {
    this.#options = options;
    this.#random = random;
    this.#loop = loop;
    this.#file = file;
    this.#trace = new SimulationTrace(() => loop.nowMs - worldStartMs);
    this.#model = new OrchestratorModel(
      () => Math.floor(loop.nowMs),
      (name) => !this.#isAlive(name),
    );
    const now = (): number => Math.floor(loop.nowMs);
    const store = plant(file.store, options.planted, { file, random: random.fork("planted"), now });
    const observed = new ObservedStore({
      store,
      file,
      now,
      model: this.#model,
      trace: this.#trace,
      change: (change) => this.#network.change(change),
      slotsOf: (caller) => this.#workers.find(({ current }) => current === caller)?.slots ?? 0,
    });
    const latency = random.fork("heartbeat");
    this.#network = new SimulatedNetwork({
      loop,
      random: random.fork("network"),
      faults: this.#faults,
      conditions: this.#conditions,
      apply: (caller, method, parameters) => observed.apply(caller, method, parameters),
      startHeartbeat: (process, heartbeat) =>
        startSimulatedHeartbeat({
          ...heartbeat,
          loop,
          process,
          isStoreDown: () => this.#conditions.isStoreDown,
          latencyMs: () => 1 + latency.next() * 20,
          beat: () => this.#beat(process, heartbeat.workerId, heartbeat.ttlMs),
        }),
    });
  }

  async live(): Promise<WorldReport> {
    const random = this.#random.fork("scenario");
    const episodes = planEpisodes(random, this.#options.hours ?? 0);
    this.#startWorkers(random);
    const client = new SimulatedProcess(this.#loop, "client", (this.#pid += 1));
    const clientStore = this.#connect(client);
    if (random.chance(0.6)) this.#invitePerson();
    for (const [index, episode] of episodes.entries()) {
      this.#planSubmissions(client, clientStore, random, episode, index);
      this.#loop.after(episode.fromMs, () => this.#beginEpisode(episode));
      if (index < episodes.length - 1) this.#loop.after(episode.untilMs, () => this.#sleepAll());
    }
    const endMs = episodes.at(-1)?.untilMs ?? 0;
    this.#loop.after(endMs, () => this.#heal());
    const deadlineMs = worldStartMs + endMs + restWithinMs;
    await this.#loop.run(() => this.#model.violations.length > 0 || this.#isAtRest || this.#loop.nowMs > deadlineMs);
    for (const process of this.#processes) process.kill();
    if (this.#model.violations.length === 0) await checkEnd(this.#model, this.#file, this.#trace);
    return this.#report();
  }

  #beginEpisode(episode: Episode): void {
    for (const slot of this.#workers) slot.allow();
    startChaos({
      loop: this.#loop,
      random: this.#random.fork(`chaos/${episode.fromMs}`),
      faults: this.#faults,
      trace: this.#trace,
      conditions: this.#conditions,
      slots: this.#workers,
      untilMs: worldStartMs + episode.untilMs,
    });
    if (this.#person !== undefined) startPerson(this.#person, episode.untilMs - episode.fromMs);
  }

  // Nobody is there until the next episode, as on a machine that is switched off over night.
  #sleepAll(): void {
    this.#trace.add("world", "sleeps");
    for (const slot of this.#workers) slot.forbid();
  }

  // Runs that are due tomorrow, because a worker's clock was wrong when it set the time, are at rest as well.
  #watchForRest(): void {
    const isDone = this.#model.live.every((run) => this.#model.isWaitingForTime(run));
    this.#isAtRest = isDone && this.#pendingSubmissions === 0;
    this.#loop.after(500, () => this.#watchForRest());
  }

  #heal(): void {
    this.#trace.add("world", "heals");
    for (const slot of this.#workers) slot.allow();
    heal(
      this.#conditions,
      this.#processes.filter(({ isAlive }) => isAlive),
    );
    void this.#putRight().then(() => this.#watchForRest());
  }

  // Twice: something asked before may arrive late and stop the orchestrator once more.
  async #putRight(): Promise<void> {
    if (this.#person === undefined) return;
    await putRight(this.#person);
    await this.#person.process.clock.sleep(lastWordsMs);
    await putRight(this.#person);
  }

  #startWorkers(random: SimulationRandom): void {
    const count = random.integer(1, 4);
    const leaseTtlMs = random.durationMs(2_000, 10_000);
    const seesDead = random.chance(0.5);
    for (let index = 1; index <= count; index += 1) {
      const slot = new WorkerSlot({
        name: `w${index}`,
        loop: this.#loop,
        random: this.#random.fork("worker"),
        trace: this.#trace,
        connect: (process) => this.#connect(process),
        nextPid: () => (this.#pid += 1),
        isProcessDead: (identity) => seesDead && !this.#isAlive(`${identity.host}:${identity.pid}`),
        notify: (process, end) => this.#model.notified(process.name, end.run, end.end),
        slots: random.integer(1, 4),
        leaseTtlMs,
        pollMs: random.durationMs(500, 4_000),
      });
      this.#workers.push(slot);
      slot.start(random.next() * 3_000);
    }
  }

  #planSubmissions(
    client: SimulatedProcess,
    store: Store,
    random: SimulationRandom,
    { fromMs, untilMs }: Episode,
    index: number,
  ): void {
    const workload = planWorkload({
      random: this.#random.fork(`workload/${index}`),
      gates,
      startMs: worldStartMs + fromMs,
      spanMs: untilMs - fromMs,
      submissions: random.integer(2, 8),
    });
    this.#pendingSubmissions += workload.length;
    for (const { afterMs, submission } of workload) {
      client.after(fromMs + afterMs, () => {
        void submitUntilAnswered(client, async () => void (await store.submit(submission))).then(() => {
          this.#pendingSubmissions -= 1;
        });
      });
    }
  }

  #invitePerson(): void {
    const process = new SimulatedProcess(this.#loop, "person", (this.#pid += 1));
    const random = this.#random.fork("person");
    this.#person = { process, store: this.#connect(process), random, model: this.#model, gates };
  }

  #connect(process: SimulatedProcess): Store {
    this.#processes.push(process);
    return this.#network.connect(process);
  }

  #isAlive(workerName: string): boolean {
    return this.#processes.some(
      ({ identity, isAlive }) => isAlive && workerName === `${identity.host}:${identity.pid}`,
    );
  }

  #beat(process: SimulatedProcess, workerId: WorkerId, ttlMs: number): "active" | "retired" | "dead" {
    const nowMs = Math.floor(this.#options.planted?.leaseClock?.(process) ?? this.#loop.nowMs);
    const sql = "update worker set expires_at = ? where id = ? and state = 'active'";
    if (this.#file.run(sql, nowMs + ttlMs, workerId) === 1) {
      this.#model.beaten(workerId, ttlMs);
      return "active";
    }
    const row = this.#file.all<{ state: string }>("select state from worker where id = ?", workerId)[0];
    this.#trace.add(process.name, `heartbeat of worker ${workerId} finds ${row?.state ?? "nothing"}`);
    return row?.state === "retired" ? "retired" : "dead";
  }

  #report(): WorldReport {
    return {
      seed: this.#options.seed,
      violations: this.#model.violations,
      hash: this.#trace.hash(),
      lines: this.#trace.lines,
      virtualMs: this.#loop.nowMs - worldStartMs,
      events: this.#loop.events,
      runs: this.#model.runs.size,
      accepted: this.#model.accepted,
      fenced: this.#model.fenced,
      faults: this.#faults.counts,
    };
  }
}

/** A stretch of trouble; milliseconds since the world began. */
interface Episode {
  readonly fromMs: number;
  readonly untilMs: number;
}

// One stretch, or for longer worlds one every few hours.
function planEpisodes(random: SimulationRandom, hours: number): Episode[] {
  const count = hours === 0 ? 1 : Math.max(2, Math.round(hours / 4));
  const stepMs = (hours * 3_600_000) / count;
  return Array.from({ length: count }, (_, index) => {
    const fromMs = index * stepMs;
    return { fromMs, untilMs: fromMs + random.durationMs(10_000, 40_000) };
  });
}

// A client that must know: it asks again until it has an answer.
async function submitUntilAnswered(client: SimulatedProcess, submit: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await submit();
    } catch {
      await client.clock.sleep(500);
    }
  }
}
