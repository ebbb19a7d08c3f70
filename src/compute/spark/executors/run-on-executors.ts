// Map and reduce on executors of Spark: the same tasks as in threads, in processes that Spark starts and starts again. What they read and
// leave is in a folder that this process and all executors see, so the rows and their order are those of the local engine.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { MapReduced, MapReduceOptions } from "../../mapreduce/map-reduce-options.ts";
import { TaskResults } from "../../mapreduce/task-results.ts";
import { writeJson } from "./executor-files.ts";
import {
  type ExecutorJob,
  type ExecutorTask,
  type MapPart,
  placesIn,
  protocolVersion,
  type ReduceInput,
  type TaskAnswer,
} from "./executor-protocol.ts";
import type { Executors, TaskStarter } from "./executors.ts";
import { countReduceParts, planFileParts, planMapTasks, planRowParts } from "./plan-tasks.ts";
import { writeRowFiles } from "./row-files.ts";
import { runRound } from "./run-round.ts";

const leaseMs = 60_000;
const mostRounds = 3;
/** How long a run that ends early waits until there is room again. */
const releaseMs = 30_000;

/**
 * Maps and reduces in `options.folder`, which executors have to see under the same path, as they have to see the files of the input.
 * @throws MillraceError what `runMapReduce` throws; `CAPABILITY_MISSING` when executors run no commands or have no Node.js,
 *   `CONFIG_INVALID` when they do not see the folder, `ISOLATE_DIED` for a task whose processes ended three times without a word
 */
export async function runOnExecutors(options: MapReduceOptions, executors: Executors): Promise<MapReduced> {
  await using starter = await executors.open(options.signal);
  try {
    return await new ExecutorWork(options, executors, starter).run();
  } catch (error) {
    await release(starter, options.folder);
    throw error;
  }
}

/** Ends all processes of the job, and waits until there is room for others. */
async function release(starter: TaskStarter, folder: string): Promise<void> {
  try {
    writeFileSync(placesIn(folder).stop, "");
    await starter.untilFree(AbortSignal.timeout(releaseMs));
  } catch {
    // the run has an error to tell already, and processes end with their lease or their folder
  }
}

class ExecutorWork {
  readonly #options: MapReduceOptions;
  readonly #executors: Executors;
  readonly #starter: TaskStarter;
  #lostAttempts = 0;

  constructor(options: MapReduceOptions, executors: Executors, starter: TaskStarter) {
    this.#options = options;
    this.#executors = executors;
    this.#starter = starter;
  }

  async run(): Promise<MapReduced> {
    const { folder } = this.#options;
    const parts = await this.#planParts();
    const tasks = planMapTasks(parts, this.#options.splitBytes);
    const reduceParts = countReduceParts(tasks.length);
    mkdirSync(placesIn(folder).attempts);
    writeJson(placesIn(folder).job, this.#describe(reduceParts));
    const results = new TaskResults(this.#options, { splits: parts.length, parts: reduceParts });
    for (const answer of await this.#runStage("map", tasks)) {
      if (answer.stage === "map") for (const { index, mapped } of answer.results) results.onMapped(mapped, index);
    }
    writeJson(placesIn(folder).runs, { runs: results.runs() } satisfies ReduceInput);
    const reductions = Array.from({ length: reduceParts }, (_, task): ExecutorTask => ({ stage: "reduce", task }));
    for (const [part, answer] of (await this.#runStage("reduce", reductions)).entries()) {
      if (answer.stage === "reduce") results.onReduced(answer.reduced, part);
    }
    return results.result(tasks.length, this.#lostAttempts);
  }

  async #planParts(): Promise<readonly MapPart[]> {
    const { input, folder, signal, splitBytes } = this.#options;
    if ("files" in input) return planFileParts(input.files, splitBytes);
    const place = join(folder, "input");
    mkdirSync(place, { recursive: true });
    return planRowParts(await writeRowFiles(input.rows, place, signal), input.name);
  }

  #describe(parts: number): ExecutorJob {
    const { code, memoryBytes, maxLineBytes, bad, arePairs = false } = this.#options;
    return {
      version: protocolVersion,
      job: code.job,
      files: this.#starter.files,
      // as in one thread: half of the memory of a process is for a run that is written
      options: { parts, tableBytes: memoryBytes / 4, maxLineBytes, bad, arePairs },
      leaseMs: this.#executors.leaseMs ?? leaseMs,
    };
  }

  /** Answers of all tasks, in their order. */
  async #runStage(stage: "map" | "reduce", all: readonly ExecutorTask[]): Promise<readonly TaskAnswer[]> {
    const { folder, signal, onProgress } = this.#options;
    const answers = new Map<number, TaskAnswer>();
    let failure: unknown;
    for (let round = 1; answers.size < all.length; round += 1) {
      const tasks = all.filter(({ task }) => !answers.has(task));
      if (round > 1) this.#lostAttempts += tasks.length;
      if (round > mostRounds) throw died(stage, failure);
      const done = answers.size;
      const { clock } = this.#executors;
      const end = await runRound({
        starter: this.#starter,
        folder,
        round: `${stage}-${round}`,
        tasks,
        clock,
        signal,
        onProgress: (more) => onProgress(done + more, all.length, stage === "map" ? "mapping" : "reducing"),
      });
      for (const [task, answer] of end.answers) answers.set(task, answer);
      ({ failure } = end);
    }
    return all.flatMap(({ task }) => answers.get(task) ?? []);
  }
}

function died(stage: string, cause: unknown): MillraceError {
  return new MillraceError(
    "ISOLATE_DIED",
    `processes on executors ended at tasks of \`${stage}\` without a word, ${mostRounds} times`,
    {
      hint: "look into Spark's log for what ends them: memory, native code, or `process.exit`",
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
