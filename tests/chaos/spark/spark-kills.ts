// Runs that Spark computes, queries and jobs of map and reduce, while the worker or Spark itself is killed: each ends with its rows once in
// each table, and at no moment is a part of them to be seen.
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

/** What Spark is asked for. */
export type SparkWork = "sql" | "mapReduce";

/** The tables of each work. */
export const killTables: Readonly<Record<SparkWork, string>> = { sql: "appended", mapReduce: "mapped" };

/** What is killed in the first attempt of a run, and when. */
export interface SparkFault {
  readonly victim: "worker" | "Spark";
  readonly work: SparkWork;
  /** After the query was noted as sent, or the tasks were planned; the one takes Spark about two seconds, the other three. */
  readonly afterMs: number;
}

export interface SparkTrial {
  readonly fault: SparkFault;
  /** Whether it was too late: the run had ended. */
  readonly isUnharmed: boolean;
  readonly attempts: number;
  readonly findings: readonly string[];
}

/** Workers and Spark in turns, and twice as long a query and a job of map and reduce. */
export function planSparkFaults(count: number, random: Random): readonly SparkFault[] {
  return Array.from({ length: count }, (_, index) => ({
    victim: index % 2 === 0 ? "worker" : "Spark",
    work: index % 4 < 2 ? "sql" : "mapReduce",
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
    const { work } = fault;
    // each page twice
    const pages = Array.from({ length: 2 * rowsOfRun }, (_, n) => `${run} ${n % rowsOfRun}\n`);
    if (work === "mapReduce") await this.project.write(`logs/${run}.log`, pages.join(""));
    const isUnharmed = await this.#disturb(run, fault);
    findings.push(...(await this.#findParts(run, work, isUnharmed)));
    let attempts = 1;
    while (!isUnharmed) {
      attempts += 1;
      if ((await exitOf(this.#start(run, work, attempts))) === 0) break;
      if (attempts < mostAttempts) continue;
      findings.push(`run ${run} did not end in ${attempts} attempts`);
      break;
    }
    findings.push(...(await this.#findParts(run, work, true)));
    const left = await this.#left();
    if (left.length > 0) findings.push(`run ${run} left ${left.join(", ")}`);
    return { fault, isUnharmed, attempts, findings };
  }

  /** @returns whether the run had ended before */
  async #disturb(run: number, { victim, work, afterMs }: SparkFault): Promise<boolean> {
    const worker = this.#start(run, work, 1);
    const exit = exitOf(worker);
    while (worker.exitCode === null && !(await this.#left()).some(isBegun)) await sleep(20);
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

  #start(run: number, work: SparkWork, epoch: number): ChildProcess {
    const program = join(import.meta.dirname, "spark-kill-program.ts");
    const node = ["--conditions=millrace-source", "--disable-warning=ExperimentalWarning"];
    const given = [this.project.root, String(this.#spark.port), String(run), String(epoch), work];
    return spawn(process.execPath, [...node, program, ...given], { stdio: "ignore" });
  }

  /** What the run may have in a table: all of its rows, or none before it has ended. */
  async #findParts(run: number, work: SparkWork, isOver: boolean): Promise<readonly string[]> {
    const table = killTables[work];
    const known = this.project.versions(table);
    if (known.length === 0) return isOver ? [`run ${run} has published nothing`] : [];
    const sql = `select count(*) as n, count(distinct id) as ids from ${table} where run = ${run}`;
    const [row] = await this.project.rows(table, sql);
    const [rows, ids] = [Number(row?.["n"]), Number(row?.["ids"])];
    const isWhole = rows === rowsOfRun && ids === rowsOfRun;
    return isWhole || (rows === 0 && !isOver) ? [] : [`run ${run} has ${rows} rows of ${ids} ids in the table`];
  }

  /** What runs have left in the folder that they share with Spark. */
  async #left(): Promise<readonly string[]> {
    const folder = this.project.path("lake/.millrace-spark");
    return await readdir(folder, { recursive: true }).catch((): string[] => []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#spark[Symbol.asyncDispose]();
    await this.project[Symbol.asyncDispose]();
  }
}

/** A query that was noted as sent, or tasks that were planned. */
function isBegun(name: string): boolean {
  return name.endsWith(".state") || name.endsWith("tasks-map-1.json");
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const [code] = (await once(child, "exit")) as [number | null];
  return code;
}
