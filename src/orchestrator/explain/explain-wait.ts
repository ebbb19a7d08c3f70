// Says why a run is where it is, in a sentence that a person can act on. Pure: all it knows are the facts that the orchestrator
// itself goes by.
import { countOf } from "../../core/count-of.ts";
import type { ErrorRecord } from "../../core/errors/errors.ts";
import { formatRunId } from "../../core/run-id.ts";
import type { BlockedGate, UpstreamFact, WaitFacts } from "../../store/upkeep/upkeep-store.ts";
import { at, lasting } from "./tell-time.ts";

export interface WaitExplanation {
  /** One sentence without its subject, the run: "waits for …". */
  readonly summary: string;
  /** What else is true, the most important first. */
  readonly details: readonly string[];
  /** What a person can do, where somebody has to. */
  readonly remedy?: string;
}

/** Exactly one explanation for every run. */
export function explainWait(facts: WaitFacts): WaitExplanation {
  const explanation = explainPlace(facts);
  const losses = facts.held === "outcome" ? [] : describeLosses(facts);
  return losses.length === 0 ? explanation : { ...explanation, details: [...explanation.details, ...losses] };
}

function describeLosses({ losses }: WaitFacts): string[] {
  if (losses === undefined) return [];
  const times = losses.count === 1 ? "a worker died" : `${losses.count} workers died`;
  const company =
    losses.alone === 0 ? "each time with others aboard" : `${losses.alone} of them with nothing else aboard`;
  const care =
    "it executes in a process of its own, or where there is none, alone in its worker once all else there has ended";
  return [`${times} while it was aboard, ${company}`, care];
}

function explainPlace(facts: WaitFacts): WaitExplanation {
  switch (facts.held) {
    case "outcome":
      return explainEnd(facts);
    case "lease":
      return explainExecution(facts);
    case "parked":
      return explainPause(facts);
    case "waiting":
      return explainUpstream(facts);
    case "scheduled":
      return explainSchedule(facts);
    case "ready":
      return explainQueue(facts);
  }
}

function explainEnd({ run, failedUpstream, lastError }: WaitFacts): WaitExplanation {
  const failures = failedUpstream.length === 0 ? [] : [`failed before it: ${listRuns(failedUpstream)}`];
  const rerun = `correct the cause, then \`millrace retry ${formatRunId(run.id)}\``;
  if (run.state === "FINISHED") {
    if (run.reason === "skipped") {
      return { summary: "was skipped, because what it depends on did not succeed", details: failures };
    }
    const partly =
      run.reason === "partial"
        ? `, but some of its ${run.kind === "pipeline" ? "jobs did so in part" : "units failed"}`
        : "";
    return { summary: `finished${partly}`, details: failures };
  }
  const remedy =
    lastError?.hint === undefined ? rerun : `${lastError.hint}; then \`millrace retry ${formatRunId(run.id)}\``;
  const attempts = run.attempt > 1 ? [`it was tried ${run.attempt} times`] : [];
  switch (run.reason) {
    case "upstream_failed":
      return { summary: "was cancelled, because what it depends on failed", details: failures, remedy: rerun };
    case "stopped":
    case "force_stopped":
      return {
        summary: lastError === undefined ? "was stopped" : `was stopped: ${lastError.message}`,
        details: failures,
        remedy: `\`millrace retry ${formatRunId(run.id)}\` goes on with it`,
      };
    case "cancelled":
      return { summary: `was cancelled${describeCause(lastError)}`, details: failures };
    default:
      return { summary: `failed${describeCause(lastError)}`, details: [...attempts, ...failures], remedy };
  }
}

function explainExecution({ run, executing, request, nowMs, lastError }: WaitFacts): WaitExplanation {
  const { worker = "a worker", sinceMs = nowMs, isWorkerAlive = true } = executing ?? {};
  const verb = run.kind === "pipeline" ? "is summed up" : "executes";
  const summary = `${verb} on ${worker} for ${lasting(nowMs - sinceMs)}`;
  const before = run.attempt > 1 && lastError !== undefined ? [`its last attempt ended with ${quote(lastError)}`] : [];
  if (!isWorkerAlive) {
    return {
      summary: `${summary}, but that worker is not heard of any more`,
      details: [
        "its process is gone, or stopped, or a run in it computes without a pause",
        "the next worker takes the run back within seconds",
        ...before,
      ],
      remedy: "if it stays like this, start a worker with `millrace worker`",
    };
  }
  if (request === undefined) return { summary, details: before };
  const asked = `${request.by} asked it to ${request.action}`;
  return {
    summary: `${summary}; ${asked}, and it has not yielded yet`,
    details: before,
    remedy: `\`millrace stop ${formatRunId(run.id)} --force\` does not wait for it`,
  };
}

function explainPause(facts: WaitFacts): WaitExplanation {
  const { run, pausedBy } = facts;
  const then = run.runAtMs === undefined ? [] : [`when resumed, it waits until ${at(run.runAtMs, facts.nowMs)}`];
  if (pausedBy === undefined) return { summary: "is paused", details: then, remedy: resume(formatRunId(run.id)) };
  const why = pausedBy.reason === undefined ? "" : `: ${pausedBy.reason}`;
  return pausedBy.scope === "job"
    ? { summary: `waits because ${pausedBy.by} paused its job${why}`, details: then, remedy: resume(run.job) }
    : { summary: `was paused by ${pausedBy.by}${why}`, details: then, remedy: resume(formatRunId(run.id)) };
}

function explainUpstream(facts: WaitFacts): WaitExplanation {
  const { run, upstream, failedUpstream, pausedBy } = facts;
  const failed = failedUpstream.length === 0 ? [] : [`failed already: ${listRuns(failedUpstream)}`];
  const stopped = describeStop(facts);
  if (pausedBy !== undefined) {
    const { summary, remedy } = explainPause(facts);
    const waits = upstream.length === 0 ? [] : [`it also waits for ${listRuns(upstream)}`];
    return { summary, details: [...waits, ...failed], ...(remedy === undefined ? {} : { remedy }) };
  }
  if (upstream.length === 0)
    return { summary: "is about to be let go: all that it waited for has ended", details: stopped };
  const more = upstream.length === 10 ? ["there may be more than these ten"] : [];
  if (run.kind === "job") return { summary: `waits for ${listRuns(upstream)}`, details: [...more, ...stopped] };
  const culprits = upstream.filter(({ reason }) => reason !== "waiting_upstream");
  const names = listRuns(culprits.length === 0 ? upstream : culprits);
  const remedy = `\`millrace why ${formatRunId((culprits[0] ?? upstream[0])?.runId ?? run.id)}\` says what that one waits for`;
  return { summary: `is held up by ${names}`, details: [...more, ...failed, ...stopped], remedy };
}

function explainSchedule(facts: WaitFacts): WaitExplanation {
  const { run, nowMs, retry, lastError, workers } = facts;
  const runAtMs = run.runAtMs ?? nowMs;
  const isDue = runAtMs <= nowMs;
  const gates = facts.blockedGates.map((gate) => `then it ${describeGate(gate, nowMs)}`);
  const details = [...describeStop(facts), ...describeWorkers(facts), ...gates];
  const due = isDue ? "now; a worker picks it up within a second" : at(runAtMs, nowMs);
  const remedy = isDue && workers.inService === 0 ? { remedy: startWorker } : {};
  if (run.reason === "waiting_retry") {
    const count =
      retry === undefined ? `${run.attempt}` : `${run.attempt} of ${retry.retries} (${retry.tier} recovery)`;
    return { summary: `waits for retry ${count}, due ${due}${describeAfter(lastError)}`, details, ...remedy };
  }
  if (run.reason === "waiting_poll") {
    return { summary: describeDurableWait(facts, isDue ? due : `at ${due}`), details, ...remedy };
  }
  return { summary: `is to start ${isDue ? due : `at ${due}`}`, details, ...remedy };
}

function describeDurableWait({ wait }: WaitFacts, when: string): string {
  switch (wait?.kind) {
    case "sleep":
      return `sleeps, and goes on ${when}`;
    case "probe":
      return `waits for something outside to be ready, and asks again ${when}`;
    case "run":
      return `waits for the result of run ${formatRunId(wait.runId)}, and looks again ${when}`;
    case "service":
      return `waits, because ${wait.because}, and goes on ${when}`;
    case undefined:
      return `gave its worker back and goes on ${when}`;
  }
}

function explainQueue(facts: WaitFacts): WaitExplanation {
  const { run, ahead, workers, blockedGates, orchestratorStopped } = facts;
  const queue = describeQueue(ahead);
  const gates = blockedGates.map((gate) => describeGate(gate, facts.nowMs));
  const people = describeWorkers(facts);
  if (orchestratorStopped !== undefined) {
    const [summary = ""] = describeStop(facts);
    return {
      summary,
      details: [...gates, ...people, ...queue],
      remedy: "`millrace orchestrator start` lets workers take runs",
    };
  }
  // A worker that is started would not be given it either.
  const failing = blockedGates.find((gate) => isFailing(gate, facts.nowMs));
  if (failing !== undefined) {
    const others = gates.filter((_, index) => blockedGates[index] !== failing);
    const summary = describeGate(failing, facts.nowMs);
    return { summary, details: [...people, ...others, ...queue], remedy: mendConnection(nameOf(failing)) };
  }
  if (workers.inService === 0 || workers.withJob === 0) {
    const remedy = workers.inService === 0 ? startWorker : `start a worker of the project that has \`${run.job}\``;
    return { summary: people[0] ?? "waits for a worker", details: [...gates, ...queue], remedy };
  }
  const [first, ...others] = gates;
  if (first !== undefined) {
    const isFull = blockedGates[0]?.breaker === undefined && blockedGates[0]?.blockedUntilMs === undefined;
    const remedy = isFull ? { remedy: "wait, or raise the limit in the configuration" } : {};
    return { summary: first, details: [...others, ...queue], ...remedy };
  }
  if (ahead === 0) return { summary: "is next: it starts as soon as a worker has a free slot", details: [] };
  return { summary: `waits for a free slot; ${queue[0]}`, details: [] };
}

function describeQueue(ahead: number): string[] {
  if (ahead === 0) return [];
  const runs = ahead >= 1_000 ? "a thousand or more ready runs" : countOf(ahead, "ready run");
  return [`${runs} ${ahead === 1 ? "is" : "are"} ahead of it`];
}

function describeGate(blocked: BlockedGate, nowMs: number): string {
  const { gate, capacity, held, blockedUntilMs, breaker, holders } = blocked;
  const name = nameOf(blocked);
  const isShut = blockedUntilMs !== undefined && blockedUntilMs > nowMs;
  if (breaker !== undefined) {
    const cause = breaker.lastError === undefined ? "" : `, after: ${breaker.lastError}`;
    return isShut
      ? `waits because connection \`${name}\` is failing: its breaker lets the next run through at ${at(blockedUntilMs, nowMs)}${cause}`
      : `waits because connection \`${name}\` is being tried by ${listRuns(holders)}${cause}`;
  }
  if (isShut) return `waits because \`${gate}\` is blocked until ${at(blockedUntilMs, nowMs)}`;
  const by = holders.length === 0 ? "" : `, held by ${listRuns(holders)}${held > holders.length ? " and others" : ""}`;
  return `waits for a slot of \`${gate}\`: ${held} of ${capacity ?? held} taken${by}`;
}

function nameOf({ gate }: BlockedGate): string {
  return gate.slice(gate.indexOf(":") + 1);
}

/** Whether a breaker lets nothing through for now. */
function isFailing({ breaker, blockedUntilMs = 0 }: BlockedGate, nowMs: number): boolean {
  return breaker !== undefined && blockedUntilMs > nowMs;
}

function mendConnection(name: string): string {
  return `correct the cause, such as wrong credentials, then \`millrace connections reset ${name}\`; a service that is down is tried again by itself`;
}

function describeWorkers({ run, workers }: WaitFacts): string[] {
  if (workers.inService === 0) return ["waits because no worker is in service"];
  if (workers.withJob > 0) return [];
  const nobody = workers.inService === 1 ? "the one worker" : `none of the ${workers.inService} workers`;
  const has = workers.inService === 1 ? "does not have" : "has";
  return [`waits because ${nobody} in service ${has} the code of \`${run.job}\``];
}

function describeStop({ orchestratorStopped }: WaitFacts): string[] {
  if (orchestratorStopped === undefined) return [];
  const { by, reason } = orchestratorStopped;
  return [`waits because ${by} stopped the orchestrator${reason === undefined ? "" : `: ${reason}`}`];
}

const startWorker = "start one with `millrace worker`";

function resume(target: string): string {
  return `\`millrace resume ${target}\``;
}

function listRuns(
  runs: readonly (Pick<UpstreamFact, "runId" | "job"> & { state?: string; reason?: string | undefined })[],
): string {
  return runs
    .map(({ runId, job, state, reason }) => {
      const how = [
        formatRunId(runId),
        ...(state === undefined ? [] : [state]),
        ...(reason === undefined ? [] : [reason]),
      ];
      return `\`${job}\` (${how.join(", ")})`;
    })
    .join(", ");
}

function describeCause(error: ErrorRecord | undefined): string {
  return error === undefined ? "" : ` with ${quote(error)}`;
}

function describeAfter(error: ErrorRecord | undefined): string {
  return error === undefined ? "" : `, after ${quote(error)}`;
}

function quote({ code, message }: ErrorRecord): string {
  return `\`${code}\`: ${message.length > 200 ? `${message.slice(0, 200)}…` : message}`;
}
