// Starts processes in the place of Spark: two at once, as Spark's own shell does, without a second try.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import { sha256Of } from "../../../src/compute/spark/executors/executor-files.ts";
import type { ExecutorFiles } from "../../../src/compute/spark/executors/executor-protocol.ts";
import type { TaskRound, TaskStarter } from "../../../src/compute/spark/executors/executors.ts";

const entry = fileURLToPath(new URL("./map-code-executor.ts", import.meta.url));

// most of their time they would compile the same again
const compiled = fileURLToPath(new URL("../../../.cache/compiled", import.meta.url));
const env = { ...process.env, NODE_COMPILE_CACHE: compiled };

/** What a process has ended with. */
export interface ProcessEnd {
  readonly status: number | string;
  readonly output: string;
  readonly errors: string;
}

export class ProcessTasks implements TaskStarter {
  readonly files: ExecutorFiles = { runner: sha256Of(readFileSync(entry)), code: "" };
  readonly rounds: TaskRound[] = [];
  readonly running = new Set<ChildProcess>();
  /** Told of each process when it has started. */
  onStart: (child: ChildProcess) => void = () => undefined;
  /** Where processes have files of their own. Default: where this one has them. */
  temporary: string | undefined;
  /** Where processes look for the folder. */
  toFolder: (folder: string) => string = (folder) => folder;

  /** One process. @param input what it reads */
  async run(folder: string, round: string, input: string): Promise<ProcessEnd> {
    const encoded = Buffer.from(this.toFolder(folder)).toString("base64url");
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", entry, encoded, round], {
      env: this.temporary === undefined ? env : { ...env, TMPDIR: this.temporary },
    });
    this.running.add(child);
    this.onStart(child);
    const [output, errors] = [child.stdout, child.stderr].map((stream) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      return chunks;
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    const [code, signal] = (await once(child, "close")) as [number | null, string | null];
    this.running.delete(child);
    const text = (chunks: readonly Buffer[] = []): string => Buffer.concat([...chunks]).toString();
    return { status: code ?? signal ?? "nothing", output: text(output), errors: text(errors) };
  }

  async *start(round: TaskRound, signal: AbortSignal): AsyncGenerator<string, void> {
    this.rounds.push(round);
    const places = Array.from({ length: round.tasks }, (_, place) => place);
    const ends: ProcessEnd[] = [];
    const stopped = Promise.withResolvers<void>();
    // as Spark, which leaves its children alone
    signal.addEventListener("abort", () => stopped.resolve(), { once: true });
    const worker = async (): Promise<void> => {
      for (let place = places.shift(); place !== undefined && !signal.aborted; place = places.shift()) {
        ends.push(await this.run(round.address ?? round.folder, round.round, `${place}\n`));
        if (ends.at(-1)?.status !== 0) places.length = 0;
      }
    };
    await Promise.race([Promise.all([worker(), worker()]), stopped.promise]);
    if (signal.aborted) throw new MillraceError("RUN_STOPPED", "the query was interrupted");
    const failed = ends.find(({ status }) => status !== 0);
    if (failed !== undefined) {
      const cause = new Error(`subprocess exited with status ${failed.status}. error: ${failed.errors.slice(-2_048)}`);
      throw new MillraceError("SQL_FAILED", "spark: job aborted due to stage failure", { cause });
    }
    for (const { output } of ends) yield* output.split("\n").filter((line) => line !== "");
  }

  async untilFree(): Promise<void> {
    await Promise.all([...this.running].map(async (child) => await once(child, "close")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.running) child.kill("SIGKILL");
    await this.untilFree();
  }
}
