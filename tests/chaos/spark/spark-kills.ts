// Runs that Spark computes while the worker or Spark itself is killed: each ends with its rows once in each table, and at no moment is a
// part of them to be seen.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DataProject } from "../../support/data/data-project.ts";
import { type StartedSpark, startSparkConnect } from "../../services/spark/spark-connect.ts";
import type { Random } from "../faults/random.ts";

/** Rows of each run. */
export const rowsOfRun = 1_000;
const mostAttempts = 5;

/** What is killed in the first attempt of a run, and when. */
export interface SparkFault {
  readonly victim: "worker" | "Spark";
  /** After the query was noted as sent, which takes Spark about two seconds. */
  readonly afterMs: number;
}

export interface SparkTrial {
  readonly fault: SparkFault;
  /** Whether it was too late: the run had ended. */
  readonly isUnharmed: boolean;
  readonly attempts: number;
  readonly findings: readonly string[];
}

/** Workers and Spark in turns. */
export function planSparkFaults(count: number, random: Random): readonly SparkFault[] {
  return Array.from({ length: count }, (_, index) => ({
    victim: index % 2 === 0 ? "worker" : "Spark",
    afterMs: random.integer(0, 3_000),
  }));
}

/** A project and the Spark of its trials. */
export class SparkTrials implements AsyncDisposable {
  readonly project: DataProject;
  #spark: StartedSpark;
  #runs = 1;

  private constructor(project: DataProject, spark: StartedSpark) {
    this.project = project;
    this.#spark = spark;
  }

  static async open(): Promise<SparkTrials> {
    const spark = await startSparkConnect();
    const project = await DataProject.create();
    await project.publish({ sql: `select * from range(${rowsOfRun}) t(id)`, output: { dataset: "numbers" } });
    return new SparkTrials(project, spark);
  }

  /** A run whose first attempt is disturbed. */
  async run(fault: SparkFault): Promise<SparkTrial> {
    this.#runs += 1;
    const run = this.#runs;
    const findings: string[] = [];
    const isUnharmed = await this.#disturb(run, fault);
    findings.push(...(await this.#findParts(run, isUnharmed)));
    let attempts = 1;
    while (!isUnharmed) {
      attempts += 1;
      if ((await exitOf(this.#start(run, attempts))) === 0) break;
      if (attempts < mostAttempts) continue;
      findings.push(`run ${run} did not end in ${attempts} attempts`);
      break;
    }
    findings.push(...(await this.#findParts(run, true)));
    const left = await this.#notes();
    if (left.length > 0) findings.push(`run ${run} left ${left.join(", ")}`);
    return { fault, isUnharmed, attempts, findings };
  }

  /** @returns whether the run had ended before */
  async #disturb(run: number, { victim, afterMs }: SparkFault): Promise<boolean> {
    const worker = this.#start(run, 1);
    const exit = exitOf(worker);
    while (worker.exitCode === null && (await this.#notes()).length === 0) await sleep(20);
    if ((await Promise.race([exit, sleep(afterMs)])) === 0) return true;
    if (victim === "worker") {
      worker.kill("SIGKILL");
      await exit;
      return false;
    }
    const { port } = this.#spark;
    await this.#spark.kill();
    this.#spark = await startSparkConnect({ port });
    // it may have gone on by itself
    return (await exit) === 0;
  }

  #start(run: number, epoch: number): ChildProcess {
    const program = join(import.meta.dirname, "spark-kill-program.ts");
    const node = ["--conditions=millrace-source", "--disable-warning=ExperimentalWarning"];
    const given = [this.project.root, String(this.#spark.port), String(run), String(epoch)];
    return spawn(process.execPath, [...node, program, ...given], { stdio: "ignore" });
  }

  /** What the run may have in a table: all of its rows, or none before it has ended. */
  async #findParts(run: number, isOver: boolean): Promise<readonly string[]> {
    const known = this.project.versions("appended");
    if (known.length === 0) return isOver ? [`run ${run} has published nothing`] : [];
    const sql = `select count(*) as n, count(distinct id) as ids from appended where run = ${run}`;
    const [row] = await this.project.rows("appended", sql);
    const [rows, ids] = [Number(row?.["n"]), Number(row?.["ids"])];
    const isWhole = rows === rowsOfRun && ids === rowsOfRun;
    return isWhole || (rows === 0 && !isOver) ? [] : [`run ${run} has ${rows} rows of ${ids} ids in the table`];
  }

  /** What runs have left for Spark's results. */
  async #notes(): Promise<readonly string[]> {
    const folder = this.project.path("lake/.millrace-spark");
    const found = await readdir(folder, { recursive: true }).catch((): string[] => []);
    return found.filter((name) => name.endsWith(".state"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#spark[Symbol.asyncDispose]();
    await this.project[Symbol.asyncDispose]();
  }
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const [code] = (await once(child, "exit")) as [number | null];
  return code;
}
