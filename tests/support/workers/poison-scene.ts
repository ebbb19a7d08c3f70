// Three healthy runs beside a poisoned one in one worker process, which is started again whenever it dies.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunId } from "../../../src/core/run-id.ts";
import { explainRun } from "../../../src/orchestrator/explain/explain-run.ts";
import { toSubmission } from "../../../src/orchestrator/submission/to-submission.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { jobsIn, type Poison, type PoisonMode } from "./poison-jobs.ts";

export interface PoisonOutcome {
  /** How each healthy run ended. */
  readonly states: readonly string[];
  /** How often each healthy run was entered. */
  readonly executions: readonly number[];
  /** Worker processes that were needed. */
  readonly workers: number;
  readonly poisoned: { readonly state: string; readonly code: string | undefined; readonly causes: readonly string[] };
  /** What `why` said of a healthy run while its worker did not answer. */
  readonly why: string | undefined;
}

/** Plays it until the healthy runs have ended, or for too long. */
export async function playPoison(poison: Poison, mode: PoisonMode): Promise<PoisonOutcome> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-poison-"));
  const store = await createSqliteStore({ path: join(folder, "store.db") });
  const ledger = join(folder, "ledger");
  await writeFile(ledger, "");
  // Only a worker that computes without a pause is found by its time; a short one takes a busy machine for a dead worker.
  const isWedging = poison === "a loop without an end" && mode === "inline";
  const workers = new WorkerProcesses([folder, mode, isWedging ? "3000" : "15000"]);
  try {
    const submit = async (name: string): Promise<RunId> => {
      const job = jobsIn(mode).find((candidate) => candidate.name === name);
      if (job === undefined) throw new Error(`no job ${name}`);
      const submission = toSubmission(job, { params: { ledger, poison }, tenant: "t", createdBy: "test" });
      const { runKey: _oneAtATime, ...several } = submission;
      return (await store.submit(several)).rootRunId;
    };
    const healthy = [await submit("healthy"), await submit("healthy"), await submit("healthy")];
    const poisoned = await submit("poisoned");
    workers.keepOne();
    const why = await untilEnded(store, healthy, workers);
    if (!poison.startsWith("a loop")) await untilEnded(store, [poisoned], workers);
    const states = await Promise.all(healthy.map(async (runId) => (await store.findRun(runId))?.state ?? "unknown"));
    const entered = (await readFile(ledger, "utf8")).split("\n");
    const executions = healthy.map((runId) => entered.filter((line) => line === String(runId)).length);
    const end = await store.findRun(poisoned);
    return {
      states,
      executions,
      why,
      workers: workers.count,
      poisoned: { state: end?.state ?? "unknown", code: end?.error?.code, causes: end?.error?.causes ?? [] },
    };
  } finally {
    await workers.end();
    await store[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  }
}

const patienceMs = 40_000;

// A worker that computes without a pause does not die; when its runs are found orphaned, another one is started beside it.
async function untilEnded(
  store: Store,
  runIds: readonly RunId[],
  workers: WorkerProcesses,
): Promise<string | undefined> {
  const deadlineAt = performance.now() + patienceMs;
  let why: string | undefined;
  while (performance.now() < deadlineAt) {
    const runs = await Promise.all(runIds.map((runId) => store.findRun(runId)));
    const open = runs.filter((run) => run?.state !== "FINISHED" && run?.state !== "ERROR");
    if (open.length === 0) return why;
    const [first] = open;
    if (why === undefined && first !== undefined && !workers.isBetweenTwo && (await store.listWorkers()).length > 0) {
      const { workers: inService } = await store.readHealth({ lateMs: 60_000 });
      if (inService === 0 && first.state === "RUNNING") {
        why = (await explainRun(store, first.id))?.summary;
        workers.addOne();
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  return why;
}

class WorkerProcesses {
  readonly #arguments: readonly string[];
  readonly #alive = new Set<ChildProcess>();
  #isOver = false;
  count = 0;

  constructor(options: readonly string[]) {
    const program = fileURLToPath(new URL("./poison-worker.ts", import.meta.url));
    this.#arguments = ["--disable-warning=ExperimentalWarning", "--max-old-space-size=64", program, ...options];
  }

  /** The one before has died, and the next is not there yet. */
  get isBetweenTwo(): boolean {
    return this.#alive.size === 0;
  }

  keepOne(): void {
    if (!this.#isOver) this.addOne().once("exit", () => this.keepOne());
  }

  addOne(): ChildProcess {
    this.count += 1;
    const child = spawn(process.execPath, this.#arguments, { stdio: "ignore" });
    this.#alive.add(child);
    child.once("exit", () => this.#alive.delete(child));
    return child;
  }

  async end(): Promise<void> {
    this.#isOver = true;
    const ended = [...this.#alive].map((child) => once(child, "exit"));
    for (const child of this.#alive) child.kill("SIGKILL");
    await Promise.all(ended);
  }
}
