// What a run waits for, in words, for who looks on: nothing of what passes in a moment, and then the answer of `why`.
import type { Explanation, Run } from "../../api/run.ts";
import { isTerminal } from "../../core/job/run-state.ts";
import type { ControlCalls } from "./control-plane.ts";

const patienceMs = 2_000;
const askAgainMs = 60_000;

/** Looks at one run again and again. */
export class WaitReasons {
  readonly #explain: (runId: string) => Promise<Explanation>;
  #stage = "";
  #askAtMs = 0;
  #told = "";

  constructor(explain: (runId: string) => Promise<Explanation>) {
    this.#explain = explain;
  }

  /** Lines that are to be told now: none while something of it executes, nor what was told already. */
  async look(run: Run, jobs: readonly Run[], nowMs: number): Promise<readonly string[]> {
    const members = jobs.length === 0 ? [run] : jobs;
    const stage = members.map(({ run_id: id, state, reason, attempt }) => `${id} ${state} ${reason} ${attempt}`).join();
    if (stage !== this.#stage) {
      this.#stage = stage;
      this.#askAtMs = nowMs + patienceMs;
      this.#told = "";
    }
    const isMoving = isTerminal(run.state) || members.some(({ state }) => state === "RUNNING");
    if (isMoving || nowMs < this.#askAtMs) return [];
    this.#askAtMs = nowMs + askAgainMs;
    const lines = tellWait(await this.#explain(run.run_id));
    if (lines.join("\n") === this.#told) return [];
    this.#told = lines.join("\n");
    return lines;
  }
}

/** The answer of `why` for a run. @throws MillraceError `RUN_UNKNOWN` */
export function explainBy(plane: ControlCalls): (runId: string) => Promise<Explanation> {
  return (runId) => plane.call("explainRun", { params: { run_id: runId } });
}

/** Of the runs that hold it up in the end, or of itself, the reason and what a person can do; nothing once it executes. */
export function tellWait(explanation: Explanation): readonly string[] {
  const { job_name: job, state, summary, remedy, because } = explanation;
  if (state === "RUNNING" || isTerminal(state)) return [];
  const causes = because.flatMap(tellWait);
  if (causes.length > 0) return causes;
  return [`${job}: ${summary}`, ...(remedy === null ? [] : [`  → ${remedy}`])];
}
