// Compares what the processes did (ledger) with what the store says (contents). Says what was lost, what counted twice, what
// ended otherwise than it should, and which instants of schedules went wrong.
import type { AttemptRow, StoreContents, OutcomeRow, RunRow } from "./store-contents.ts";
import type { LedgerEntry } from "./programs/ledger.ts";
import { checkpointCount, scheduleNames, stepNames, unitCount } from "./programs/workload.ts";

export interface Finding {
  readonly kind: "lost" | "double" | "wrong_end" | "schedule";
  readonly message: string;
}

export interface CheckedContents {
  readonly findings: readonly Finding[];
  readonly acknowledgedRuns: number;
  /** Orders whose acknowledgement got lost, and how many of them the store had taken. */
  readonly unknownOrders: { readonly count: number; readonly taken: number };
  readonly effectsTried: number;
  readonly effectsCounted: number;
  readonly ticks: number;
  /** Runs other than the poisoned ones that were given up after too many losses. */
  readonly givenUp: number;
}

/** Losses after which the orchestrator gives a run up. */
export const maxLosses = 10;

/** @param contents of a store that has drained: whatever could end has ended */
export function checkStoreContents(contents: StoreContents, ledger: readonly LedgerEntry[]): CheckedContents {
  const index = toIndex(contents, ledger);
  const findings = [
    ...findLost(index, ledger),
    ...findDoubleOrders(index, ledger),
    ...findDoubleEffects(index, ledger),
    ...findWrongEnds(index),
    ...findWrongTicks(index),
  ];
  const acknowledged = new Set(ledger.flatMap((entry) => (entry.kind === "acknowledged" ? [entry.order] : [])));
  const unknown = ledger.flatMap((entry) =>
    entry.kind === "ordered" && !acknowledged.has(entry.order) ? [entry.order] : [],
  );
  return {
    findings,
    acknowledgedRuns: ledger.reduce((sum, entry) => sum + (entry.kind === "acknowledged" ? entry.runs.length : 0), 0),
    unknownOrders: { count: unknown.length, taken: unknown.filter((order) => index.rootsByOrder.has(order)).length },
    effectsTried: ledger.filter(({ kind }) => kind === "tried").length,
    effectsCounted:
      contents.steps.length +
      contents.units.length +
      contents.datasets.length +
      contents.outcomes.filter(({ state }) => state === "FINISHED").length,
    ticks: contents.fires.filter(({ decision }) => decision === "run").length,
    givenUp: contents.outcomes.filter(({ run, reason }) => reason === "lost" && index.runs.get(run)?.job !== "poison")
      .length,
  };
}

interface Index {
  readonly contents: StoreContents;
  readonly runs: ReadonlyMap<number, RunRow>;
  readonly outcomes: ReadonlyMap<number, OutcomeRow>;
  readonly rootsByOrder: ReadonlyMap<number, readonly RunRow[]>;
  readonly attempts: ReadonlyMap<number, readonly AttemptRow[]>;
  /** Tokens by run and effect. */
  readonly tried: ReadonlyMap<string, ReadonlySet<string>>;
  readonly kept: ReadonlyMap<string, ReadonlySet<string>>;
}

function toIndex(contents: StoreContents, ledger: readonly LedgerEntry[]): Index {
  const roots = contents.runs.filter(({ parent, createdBy }) => parent === undefined && createdBy === "chaos");
  const tokens = (kind: "tried" | "kept"): Map<string, Set<string>> => {
    const sets = new Map<string, Set<string>>();
    for (const entry of ledger) {
      if (entry.kind !== kind) continue;
      const key = effectKey(entry.run, entry.effect);
      sets.set(key, (sets.get(key) ?? new Set()).add(entry.token));
    }
    return sets;
  };
  return {
    contents,
    runs: new Map(contents.runs.map((run) => [run.id, run])),
    outcomes: new Map(contents.outcomes.map((outcome) => [outcome.run, outcome])),
    rootsByOrder: Map.groupBy(
      roots.filter(({ order }) => order !== undefined),
      ({ order }) => order ?? 0,
    ),
    attempts: Map.groupBy(contents.attempts, ({ run }) => run),
    tried: tokens("tried"),
    kept: tokens("kept"),
  };
}

// An acknowledged run is there; every run has ended.
function findLost({ contents, runs, outcomes }: Index, ledger: readonly LedgerEntry[]): Finding[] {
  const findings: Finding[] = [];
  for (const entry of ledger) {
    if (entry.kind !== "acknowledged") continue;
    for (const run of entry.runs) {
      if (!runs.has(run)) findings.push(lost(`run ${run} of order ${entry.order} was acknowledged and is not there`));
    }
  }
  const held = new Map(contents.held.map(({ run, table }) => [run, table]));
  for (const { id, job } of contents.runs) {
    if (outcomes.has(id)) continue;
    findings.push(lost(`run ${id} of ${job} has not ended; it is in ${held.get(id) ?? "no table"}`));
  }
  return findings;
}

// An order is submitted at most once, whatever became of its acknowledgement.
function findDoubleOrders({ rootsByOrder }: Index, ledger: readonly LedgerEntry[]): Finding[] {
  const ordered = ledger.flatMap((entry) => (entry.kind === "ordered" ? [entry.order] : []));
  const findings = [...rootsByOrder].flatMap(([order, roots]) =>
    roots.length > 1 ? [double(`order ${order} has ${roots.length} runs`)] : [],
  );
  const asked = new Set(ordered);
  if (asked.size < ordered.length) findings.push(double("the submitter asked for an order twice"));
  return findings;
}

function findDoubleEffects(index: Index, ledger: readonly LedgerEntry[]): Finding[] {
  const findings: Finding[] = [];
  // The orchestrator said of two executions of one effect that they count.
  for (const [effect, tokens] of index.kept) {
    if (tokens.size > 1) findings.push(double(`effect ${effect} was accepted ${tokens.size} times`));
  }
  const ends = Map.groupBy(
    ledger.filter((entry) => entry.kind === "ended"),
    ({ run }) => run,
  );
  for (const [run, all] of ends) if (all.length > 1) findings.push(double(`the end of run ${run} was accepted twice`));
  for (const [run, attempts] of index.attempts) {
    const completions = attempts.filter(({ end }) => end === "finished" || end === "failed");
    if (completions.length > 1) findings.push(double(`run ${run} has ${completions.length} completions`));
  }
  for (const { run, name, value } of index.contents.steps) {
    // What the orchestrator remembers of a loop; no handler did it.
    if (name.startsWith("each:")) continue;
    findings.push(...compare(index, run, `step:${name}`, value));
  }
  for (const { run, fingerprint } of index.contents.datasets) {
    findings.push(...compare(index, run, "dataset", fingerprint));
  }
  for (const [run, rows] of Map.groupBy(index.contents.datasets, (row) => row.run)) {
    if (rows.length > 1) findings.push(double(`run ${run} recorded ${rows.length} versions`));
  }
  return findings;
}

// What the store holds was tried, and is what handlers were told.
function compare({ tried, kept }: Index, run: number, effect: string, value: unknown): Finding[] {
  const key = effectKey(run, effect);
  if (typeof value !== "string" || tried.get(key)?.has(value) !== true) {
    return [double(`the store holds ${String(value)} for ${key}, which nobody did`)];
  }
  const told = kept.get(key);
  if (told === undefined || told.has(value)) return [];
  return [double(`the store holds ${value} for ${key}, a handler was told ${[...told].join()}`)];
}

function findWrongEnds(index: Index): Finding[] {
  return index.contents.outcomes.flatMap((outcome) => {
    const run = index.runs.get(outcome.run);
    if (run === undefined) return [wrong(`run ${outcome.run} ended and was never submitted`)];
    if (outcome.state !== "FINISHED") return checkFailure(index, run, outcome);
    if (run.job === "poison") return [wrong(`the poisoned run ${run.id} finished`)];
    return run.kind === "job" ? checkResult(index, run, outcome.result) : [];
  });
}

function checkFailure({ attempts, runs, outcomes, contents }: Index, run: RunRow, outcome: OutcomeRow): Finding[] {
  const losses = (attempts.get(run.id) ?? []).filter(({ end }) => end === "lost").length;
  if (outcome.reason === "lost" && losses >= maxLosses) return [];
  // A pipeline fails, and what depends on a run is cancelled, when one of its runs was given up.
  const family = run.kind === "pipeline" ? run.id : run.parent;
  const isByOther =
    family !== undefined &&
    contents.outcomes.some(
      ({ run: other, reason }) =>
        reason === "lost" && runs.get(other)?.parent === family && outcomes.get(other)?.state === "ERROR",
    );
  if (isByOther && outcome.reason !== "lost") return [];
  return [
    wrong(`run ${run.id} of ${run.job} ended ${outcome.state} (${outcome.reason}), lost ${losses}: ${outcome.error}`),
  ];
}

function checkResult(index: Index, { id, job }: RunRow, result: unknown): Finding[] {
  const { token, done, sum, tokens } = (result ?? {}) as Partial<{
    token: string;
    done: number;
    sum: number;
    tokens: readonly string[];
  }>;
  const findings: Finding[] = [];
  if (token === undefined || index.tried.get(effectKey(id, "end"))?.has(token) !== true) {
    findings.push(double(`run ${id} of ${job} ended with ${token}, which nobody did`));
  }
  if (job === "sliced" && done !== unitCount) findings.push(wrong(`run ${id} did ${done} of ${unitCount} units`));
  if (job === "diamond_last" && sum !== 5) findings.push(wrong(`run ${id} sums up to ${sum} instead of 5`));
  if (job === "counter") findings.push(...checkCounter(index, id, tokens ?? []));
  if (job === "stepper") {
    for (const name of stepNames) {
      if (index.kept.has(effectKey(id, `step:${name}`))) continue;
      findings.push(wrong(`run ${id} finished without its step ${name}`));
    }
  }
  return findings;
}

// A checkpoint that was acknowledged is never taken back: its token is still in the list at the end.
function checkCounter({ kept, tried }: Index, run: number, tokens: readonly string[]): Finding[] {
  const findings: Finding[] = [];
  if (tokens.length !== checkpointCount || new Set(tokens).size !== checkpointCount) {
    findings.push(double(`run ${run} counted ${tokens.join()} instead of ${checkpointCount} checkpoints`));
  }
  for (const [position, token] of tokens.entries()) {
    const key = effectKey(run, `checkpoint:${position}`);
    if (tried.get(key)?.has(token) !== true) findings.push(double(`run ${run} counted ${token}, which nobody did`));
    const told = kept.get(key);
    if (told !== undefined && !told.has(token)) {
      findings.push(lost(`the checkpoint ${[...told].join()} of ${key} was acknowledged and is ${token} now`));
    }
  }
  return findings;
}

// Every second of a schedule has one decision, and each decision to run has a run of its own.
function findWrongTicks({ contents, runs }: Index): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<number>();
  for (const [schedule, unordered] of Map.groupBy(contents.fires, (fire) => fire.schedule)) {
    const fires = unordered.toSorted((a, b) => a.fireAtMs - b.fireAtMs);
    for (const [position, fire] of fires.entries()) {
      const before = fires[position - 1];
      if (before !== undefined && fire.fireAtMs - before.fireAtMs !== 1_000) {
        findings.push(tick(`${schedule} went from ${before.fireAtMs} to ${fire.fireAtMs}`));
      }
      if (fire.decision !== "run") {
        findings.push(tick(`${schedule} at ${fire.fireAtMs} was decided ${fire.decision}`));
        continue;
      }
      if (fire.run === undefined || runs.get(fire.run)?.job !== schedule || seen.has(fire.run)) {
        findings.push(tick(`${schedule} at ${fire.fireAtMs} has no run of its own: ${fire.run}`));
      }
      if (fire.run !== undefined) seen.add(fire.run);
    }
  }
  for (const { id, job } of contents.runs) {
    if (scheduleNames.includes(job) && !seen.has(id)) findings.push(tick(`run ${id} of ${job} belongs to no instant`));
  }
  return findings;
}

function effectKey(run: number, effect: string): string {
  return `${run}/${effect}`;
}

function lost(message: string): Finding {
  return { kind: "lost", message };
}

function double(message: string): Finding {
  return { kind: "double", message };
}

function wrong(message: string): Finding {
  return { kind: "wrong_end", message };
}

function tick(message: string): Finding {
  return { kind: "schedule", message };
}
