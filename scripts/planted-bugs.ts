// The bugs that `npm run bugs` plants in the engine: small slips of the kind that lose or double work, and where the suites
// must notice each of them.
import type { Fault } from "./repository-copy.ts";

/** One bug: a piece of source and what it becomes. */
export interface PlantedBug extends Fault {
  readonly name: string;
  /** What would happen to users. */
  readonly harm: string;
  /** Suites of which one must fail, the quickest first. */
  readonly suites: readonly (readonly string[])[];
}

const conformance = ["vitest", "run", "--bail=1", "--project", "conformance", "tests/conformance/sqlite-store.test.ts"];
const simulation = ["node", "--disable-warning=ExperimentalWarning", "scripts/simulate.ts", "--seeds", "300"];
const unit = (path: string): readonly string[] => ["vitest", "run", "--project", "unit", path];

const scripts = "src/store/scripts";

export const plantedBugs: readonly PlantedBug[] = [
  bug("a completion is accepted without its epoch", "a zombie ends a run that another worker has", {
    file: `${scripts}/settle.ts`,
    from: "lease?.epoch === settlement.epoch && ",
    to: "lease !== undefined && ",
  }),
  bug("a checkpoint is accepted without its epoch", "a zombie overwrites where its successor is", {
    file: `${scripts}/fence.ts`,
    from: "if (lease?.epoch === fence.epoch) return;",
    to: "if (lease !== undefined) return;",
  }),
  bug("a claim does not raise the epoch", "the fence cannot tell two attempts apart", {
    file: `${scripts}/claim.ts`,
    from: "epoch: hot.epoch + 1,",
    to: "epoch: Math.max(1, hot.epoch),",
  }),
  bug("a tick is not compared with what was seen", "two schedulers start a run each", {
    file: `${scripts}/fire-schedules.ts`,
    from: "s.next_fire_at = cast(r.value ->> 'seen' as bigint)",
    to: "cast(r.value ->> 'seen' as bigint) > 0",
  }),
  bug("an end is told before it is written", "a crash right after loses the result", {
    file: "src/orchestrator/settler.ts",
    from: "return await this.#writer.write(settlement);",
    to: 'void this.#writer.write(settlement).catch(() => undefined); return "accepted";',
    suites: [unit("src/orchestrator"), simulation],
  }),
  bug("permanent errors are retried", "wrong credentials are tried for hours", {
    file: "src/core/retry-policy.ts",
    from: 'error.disposition !== "retry" || ',
    to: "",
    suites: [unit("src/core/retry-policy.test.ts"), simulation],
  }),
  bug("a wake while nobody waits is forgotten", "work lies there until the next poll", {
    file: "src/orchestrator/wake.ts",
    from: "this.#signalled = true;",
    to: "this.#signalled = false;",
    suites: [unit("src/orchestrator/wake.test.ts"), simulation],
  }),
  bug("a limit lets one more through", "an API is called more often at once than it allows", {
    file: `${scripts}/gate-room.ts`,
    from: "(capacity ?? Infinity) - held,",
    to: "(capacity ?? Infinity) + 1 - held,",
  }),
  bug("the slot of a limit outlives its lease", "a limited job stands still for ever", {
    file: `${scripts}/end-leases.ts`,
    from: 'yield* run("delete from slot where run_id in (ids ?)", ids);',
    to: "",
  }),
  bug("a dependant is let go one parent early", "a job reads what is not written yet", {
    file: `${scripts}/wake-dependants.ts`,
    from: "hot.pending <= satisfied)",
    to: "hot.pending <= satisfied + 1)",
  }),
  bug("dependants of a failed run are left waiting", "a pipeline hangs for ever", {
    file: `${scripts}/wake-dependants.ts`,
    from: "if (doomed.length === 0) return [];",
    to: "if (doomed.length >= 0) return [];",
  }),
  bug("a death counts against all who were aboard", "one run that kills its worker has the others given up", {
    file: `${scripts}/reap.ts`,
    from: "alone: aboard === 1 ? 1 : 0",
    to: "alone: 1",
  }),
  bug("a suspect begins although its worker stops", "it dies with a worker that was about to leave in order", {
    file: "src/orchestrator/dispatcher.ts",
    from: "this.#start(next, this.#stopping ? release : undefined);",
    to: "this.#start(next);",
    suites: [unit("src/orchestrator/dispatcher.test.ts")],
  }),
  bug("a session that broke the SQL engine counts as a victim of it", "its run breaks the engine again and again", {
    file: "src/compute/duckdb/duckdb-session.ts",
    from: 'failure.code === "ENGINE_RESTARTED" ? (this.#broken ?? failure) : failure',
    to: "failure",
    suites: [unit("src/compute/duckdb/duckdb-invalid.test.ts")],
  }),
  bug("a loss counts as an attempt", "a restart of the machine uses up the retries", {
    file: `${scripts}/reap.ts`,
    from: "(back ?? []).map(withoutAttempt)",
    to: "back ?? []",
  }),
  bug("workers are taken for dead too soon", "a live run is given to a second worker", {
    file: `${scripts}/reap.ts`,
    from: "expires_at <= ?`, nowMs, aliveMs);",
    to: "expires_at <= ?`, nowMs, aliveMs + 30_000);",
  }),
  bug("a promoted run gets lost on the way", "a retry never comes", {
    file: `${scripts}/promote.ts`,
    from: "yield* insertReady(due);",
    to: "yield* insertReady(due.slice(1));",
  }),
  bug("an ended run keeps its key", "the next run of that job is never started", {
    file: `${scripts}/end-runs.ts`,
    from: 'yield* run("delete from run_key where run_id in (ids ?)", idList(rows.map((row) => row.run)));',
    to: "",
  }),
  bug("numbers of events have a gap", "a client that resumes waits for an event that never comes", {
    file: `${scripts}/append-events.ts`,
    from: "+ row_number() over (partition by e.run_id order by e.position)",
    to: "+ 1 + row_number() over (partition by e.run_id order by e.position)",
  }),
  bug("a paused run wakes when its upstream ends", "a person's pause is forgotten", {
    file: `${scripts}/wake-dependants.ts`,
    from: 'if (request?.action === "stop") stopped',
    to: 'if (request?.action === "pause") asked.delete(hot.runId); else if (request?.action === "stop") stopped',
  }),
  bug("a unit is written down before it is done", "a crash skips the item that was worked on", {
    file: "src/orchestrator/run-units.ts",
    from: "const unit = await attemptUnit(key, () => work(item));",
    to: 'await writer.write({ key, state: "done" }); const unit = await attemptUnit(key, () => work(item));',
    suites: [unit("src/orchestrator/run-units.test.ts"), simulation],
  }),
];

interface Slip {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Default: the store's contract, then the simulator. */
  readonly suites?: PlantedBug["suites"];
}

function bug(name: string, harm: string, { file, from, to, suites = [conformance, simulation] }: Slip): PlantedBug {
  const change = (text: string): string => {
    // Source that moved on must not make a bug vanish unnoticed.
    if (!text.includes(from)) throw new Error(`${file} no longer has: ${from}`);
    return text.replace(from, () => to);
  };
  return { name, harm, suites, write: { [file]: change } };
}
