// The independent model: told of every call that took effect, it keeps its own books of runs, leases and workers, and
// objects as soon as the store accepts or refuses what it must not.
import type { RunId } from "../../../src/core/run-id.ts";
import type {
  ClaimedRun,
  Fence,
  Settlement,
  Submission,
  SubmitResult,
  WorkerId,
} from "../../../src/store/rows/run-records.ts";
import type { ClaimRequest } from "../../../src/store/claim/work-store.ts";
import { type EndedModelRun, settleGraph } from "./model-graph.ts";
import { type ModelRun, toModelRuns } from "./model-run.ts";

/** A broken promise; the first one ends the simulation. */
export interface Violation {
  readonly invariant: string;
  readonly message: string;
}

interface ModelWorker {
  readonly name: string;
  readonly slots: number;
  expiresAtMs: number;
  state: "active" | "retired" | "dead";
  /** Job runs that it held when it was found dead. */
  aboard?: number;
}

/** A second to notice, a second to wind down, and the way to the store. */
const stopWithinMs = 3_000;

/** What must be true of the orchestrator, as a book-keeper would know it. */
export class OrchestratorModel {
  readonly runs: Map<RunId, ModelRun> = new Map();
  readonly workers: Map<WorkerId, ModelWorker> = new Map();
  readonly capacities: Map<string, number> = new Map();
  readonly pausedJobs: Set<string> = new Set();
  readonly violations: Violation[] = [];
  isClaiming = true;
  accepted = 0;
  readonly #acceptedEnds = new Set<string>();
  fenced = 0;
  readonly #now: () => number;
  readonly #isProcessDead: (workerName: string) => boolean;

  constructor(now: () => number, isProcessDead: (workerName: string) => boolean) {
    this.#now = now;
    this.#isProcessDead = isProcessDead;
  }

  object(invariant: string, message: string): void {
    this.violations.push({ invariant, message });
  }

  /** How many runs have not ended; asked after every event. */
  liveCount = 0;

  /** Runs that have not ended. */
  get live(): readonly ModelRun[] {
    return [...this.runs.values()].filter(({ place }) => place !== "ended");
  }

  /** Whether the run waits for nothing but a time that is still to come, itself or through what it depends on. */
  isWaitingForTime(run: ModelRun): boolean {
    if (run.place === "free") return run.dueAtMs > this.#now();
    if (run.place !== "waiting") return false;
    const unfinished = run.upstream
      .flatMap(({ id }) => this.runs.get(id) ?? [])
      .filter(({ place }) => place !== "ended");
    return unfinished.some((upstream) => this.isWaitingForTime(upstream));
  }

  submitted(submission: Submission, result: SubmitResult): void {
    if (result.created) {
      const twin =
        submission.runKey === undefined ? undefined : this.live.find(({ runKey }) => runKey === submission.runKey);
      if (twin !== undefined) this.object("P5", `key of unfinished r${twin.id} made another run r${result.rootRunId}`);
      for (const run of toModelRuns(submission, result.runIds, this.#now())) {
        if (this.runs.has(run.id)) this.object("I1", `r${run.id} was submitted twice`);
        this.runs.set(run.id, run);
      }
      this.recount();
      return;
    }
    const run = this.runs.get(result.rootRunId);
    if (run === undefined || run.place === "ended" || run.runKey !== submission.runKey)
      this.object("P2", `submission was answered with r${result.rootRunId}, which does not stand for it`);
  }

  registered(workerId: WorkerId, name: string, slots: number, ttlMs: number): void {
    if (this.workers.has(workerId)) this.object("I2", `worker id ${workerId} was given twice`);
    this.workers.set(workerId, { name, slots, expiresAtMs: this.#now() + ttlMs, state: "active" });
  }

  beaten(workerId: WorkerId, ttlMs: number): void {
    const worker = this.workers.get(workerId);
    if (worker !== undefined) worker.expiresAtMs = this.#now() + ttlMs;
  }

  claimed(request: ClaimRequest, claimed: readonly ClaimedRun[]): void {
    const worker = this.workers.get(request.workerId);
    const isInService = worker?.state === "active" && worker.expiresAtMs > this.#now();
    // A worker that is out of service gives nothing back by a claim: a reap takes it.
    if (request.executing !== undefined && isInService && this.isClaiming)
      this.#giveBack(request.workerId, request.executing);
    if (claimed.length === 0) return;
    if (!isInService) this.object("I7", `worker ${request.workerId} claimed although it is not in service`);
    if (!this.isClaiming) this.object("P2", "runs were claimed while the orchestrator was stopped");
    if (claimed.length > request.limit)
      this.object("I8", `${claimed.length} runs were claimed at a limit of ${request.limit}`);
    for (const run of claimed) this.#claimOne(request, run);
    // Beside the handlers that run, as many ends may wait to be recorded.
    const held = [...this.runs.values()].filter(({ lease }) => lease?.workerId === request.workerId).length;
    if (worker !== undefined && held > 2 * worker.slots)
      this.object("I8", `worker ${request.workerId} holds ${held} runs in ${worker.slots} slots`);
    this.#assertLimits(claimed);
  }

  settled(settlements: readonly Settlement[], lostRunIds: readonly RunId[]): void {
    const lost = new Set(lostRunIds);
    const ended: EndedModelRun[] = [];
    for (const settlement of settlements) {
      const run = this.runs.get(settlement.runId);
      const holds = run?.lease?.epoch === settlement.epoch;
      const isTwice = settlements.filter(({ runId }) => runId === settlement.runId).length > 1;
      const isAccepted = isTwice ? holds : !lost.has(settlement.runId);
      if (isAccepted !== holds) {
        const what = isAccepted ? "accepted without the lease" : "refused although the lease holds";
        this.object("I3", `${settlement.end} of r${settlement.runId}@${settlement.epoch} was ${what}`);
      }
      if (!isAccepted) this.fenced += 1;
      if (isAccepted && run !== undefined) this.#settleOne(run, settlement, ended);
    }
    settleGraph(this.runs, ended, this.#now());
    this.recount();
  }

  /** A run that a person stopped ends soon, unless its process had trouble since. */
  assertPrompt({ runId, epoch }: Fence, troubledAtMs: number): void {
    const run = this.runs.get(runId);
    if (run?.lease?.epoch !== epoch || run.asked?.action !== "stop" || troubledAtMs >= run.asked.atMs) return;
    const tookMs = this.#now() - run.asked.atMs;
    if (tookMs > stopWithinMs) this.object("P9", `r${runId}@${epoch} went on for ${tookMs} ms after it was stopped`);
  }

  reaped(runIds: readonly RunId[], named: readonly WorkerId[], maxLosses: number): void {
    const now = this.#now();
    for (const [id, worker] of this.workers) {
      if (worker.state !== "active") continue;
      const isExpired = worker.expiresAtMs <= now;
      if (!isExpired && !named.includes(id)) continue;
      if (!isExpired && !this.#isProcessDead(worker.name)) {
        this.object("P7", `live process ${worker.name} was named dead`);
      }
      worker.state = "dead";
      worker.aboard = this.live.filter(({ kind, lease }) => kind === "job" && lease?.workerId === id).length;
    }
    const ended: EndedModelRun[] = [];
    for (const id of runIds) {
      const run = this.runs.get(id);
      const worker = run?.lease === undefined ? undefined : this.workers.get(run.lease.workerId);
      if (run?.lease === undefined) this.object("I3", `r${id} was taken back although nobody held it`);
      else if (worker?.state === "active") this.object("P7", `r${id} was taken from ${worker.name}, which is alive`);
      if (run === undefined) continue;
      if (worker?.aboard === 1 && run.kind === "job") run.losses += 1;
      if (run.losses >= maxLosses) run.asked = undefined;
      this.#release(run, ended);
      if (run.losses >= maxLosses) this.#end(run, "ERROR", "lost", ended);
    }
    settleGraph(this.runs, ended, now);
    this.recount();
  }

  retired(workerId: WorkerId): void {
    const worker = this.workers.get(workerId);
    if (worker?.state === "active") worker.state = "retired";
    this.#giveBack(workerId, []);
  }

  /** A fenced write of a run; `isLost` when the store refused it. */
  wrote(what: string, fence: Fence, isLost: boolean): ModelRun | undefined {
    const run = this.runs.get(fence.runId);
    const holds = run?.lease?.epoch === fence.epoch;
    if (isLost) this.fenced += 1;
    if (holds !== isLost) return isLost ? undefined : run;
    const how = isLost ? "refused although the lease holds" : "accepted without the lease";
    this.object("I2", `${what} of r${fence.runId}@${fence.epoch} was ${how}`);
    return undefined;
  }

  /** The end of a run was announced; only the one whose completion was accepted may be. */
  notified(by: string, { runId, epoch }: Fence, end: "finished" | "failed"): void {
    // A person may have taken the end back meanwhile, by a rerun or a pause.
    if (!this.#acceptedEnds.has(`${runId}@${epoch} ${end}`))
      this.object("I3", `${by} announced r${runId}@${epoch} ${end}, which was not accepted`);
  }

  recount(): void {
    this.liveCount = 0;
    for (const run of this.runs.values()) if (run.place !== "ended") this.liveCount += 1;
  }

  // What the worker does not execute it holds through a claim whose answer got lost.
  #giveBack(workerId: WorkerId, executing: readonly Fence[]): void {
    const ended: EndedModelRun[] = [];
    for (const run of this.runs.values()) {
      if (run.lease?.workerId !== workerId) continue;
      if (!executing.some(({ runId, epoch }) => runId === run.id && epoch === run.lease?.epoch))
        this.#release(run, ended);
    }
    settleGraph(this.runs, ended, this.#now());
    this.recount();
  }

  #claimOne(request: ClaimRequest, claimed: ClaimedRun): void {
    const run = this.runs.get(claimed.runId);
    const name = `r${claimed.runId}@${claimed.epoch}`;
    if (run === undefined) return this.object("I10", `${name} was claimed but never submitted`);
    if (run.lease !== undefined) this.object("I10", `${name} was claimed while r${run.id}@${run.lease.epoch} is held`);
    else if (run.place === "ended") this.object("I1", `${name} was claimed after it had ended ${run.end?.state}`);
    else if (run.place === "waiting") this.object("I9", `${name} was claimed before its upstream runs had ended`);
    else if (run.place === "parked") this.object("P2", `${name} was claimed while it was paused`);
    if (claimed.epoch !== run.epoch + 1) this.object("I2", `${name} was claimed after epoch ${run.epoch}`);
    if (run.kind === "job" && claimed.attempt !== run.attempts + 1)
      this.object("P4", `${name} is attempt ${claimed.attempt} after ${run.attempts} that counted`);
    if (run.dueAtMs > this.#now() && !run.isForced)
      this.object("P2", `${name} was claimed ${run.dueAtMs - this.#now()} ms before it was due`);
    if (run.kind === "job" && request.jobs !== undefined && !request.jobs.has(run.job))
      this.object("I8", `${name} of job ${run.job} was claimed by a worker without its code`);
    run.place = "leased";
    run.epoch = claimed.epoch;
    run.isForced = false;
    run.lease = { epoch: claimed.epoch, workerId: request.workerId, sinceMs: this.#now() };
  }

  // Only a claim can take a slot, so this is every instant at which a limit could be passed.
  #assertLimits(claimed: readonly ClaimedRun[]): void {
    const gates = new Set(claimed.flatMap(({ runId }) => this.runs.get(runId)?.gates ?? []));
    for (const gate of gates) {
      const capacity = this.capacities.get(gate);
      if (capacity === undefined) continue;
      const held = [...this.runs.values()].filter((run) => run.lease !== undefined && run.gates.includes(gate)).length;
      if (held > capacity) this.object("I8", `${held} runs hold ${gate}, whose capacity is ${capacity}`);
    }
  }

  #settleOne(run: ModelRun, settlement: Settlement, ended: EndedModelRun[]): void {
    this.accepted += 1;
    const { end, epoch } = settlement;
    this.#acceptedEnds.add(`${run.id}@${epoch} ${end}`);
    if (end === "finished" || end === "failed") {
      run.asked = undefined;
      if (end === "finished") this.#assertComplete(run, end);
      else run.attempts += 1;
      run.lease = undefined;
      this.#end(run, end === "finished" ? "FINISHED" : "ERROR", settlement.reason, ended);
      return;
    }
    this.#release(run, ended);
    if (end === "retry") run.attempts += 1;
    if (end === "retry" || end === "snoozed") run.dueAtMs = this.#now() + settlement.delayMs;
  }

  #assertComplete(run: ModelRun, end: string): void {
    const { steps, units, checkpoints, snoozes } = run.plan;
    const progress = run.checkpoint ?? '{"snoozes":0,"done":0}';
    if (run.kind === "pipeline") return;
    // What the orchestrator remembers of a loop is a step as well.
    const done = [...run.steps].filter((name) => !name.startsWith("each:")).length;
    if (done === steps && run.units.size === units && progress === JSON.stringify({ snoozes, done: checkpoints }))
      return;
    const has = `${done} steps, ${run.units.size} units, ${progress}`;
    this.object("I3", `${end} of r${run.id} was accepted with ${has} of plan ${JSON.stringify(run.plan)}`);
  }

  // Takes the lease away; what a person asked meanwhile is done now.
  #release(run: ModelRun, ended: EndedModelRun[]): void {
    const asked = run.asked?.action;
    run.lease = undefined;
    run.asked = undefined;
    run.place = "free";
    run.dueAtMs = Math.min(run.dueAtMs, this.#now());
    if (asked === "stop") this.#end(run, "ERROR", "stopped", ended);
    if (asked === "pause") run.place = "parked";
  }

  #end(run: ModelRun, state: "FINISHED" | "ERROR", reason: string | undefined, ended: EndedModelRun[]): void {
    run.place = "ended";
    run.end = { state, reason, epoch: run.epoch };
    ended.push({ run, verdict: state === "FINISHED" ? "finished" : "failed" });
  }
}
