// Publishing processes that die or whose disk is full in the middle of large transactions on SQLite and DuckDB targets, and what
// must hold afterwards: each later run publishes, tables are as if nothing had happened, and nothing is left behind.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readdir, rename, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Row } from "../../../src/compute/engine.ts";
import type { WriteMode } from "../../../src/core/dataset/dataset.ts";
import type { NamedRequest } from "../../../src/data/publish/named-request.ts";
import { findLeftovers, recoverStaging } from "../../../src/data/publish/recover-staging.ts";
import { DataProject } from "../../support/data/data-project.ts";

export interface TargetTable {
  readonly format: "sqlite" | "duckdb";
  readonly mode: WriteMode;
  /** Whether an earlier run has made the table. */
  readonly exists: boolean;
}

/** What happens to the publishing process. */
export type TargetFault = TargetTable &
  (
    | { readonly kind: "moment"; readonly moment: string; readonly occurrence: number }
    /** It dies when a file whose name ends so has that many bytes: a journal, a log of writes, the database itself. */
    | { readonly kind: "bytes"; readonly suffix: string; readonly bytes: number }
    /** The disk of the target has so many bytes left. */
    | { readonly kind: "disk"; readonly bytes: number }
    /** No file of the process may get larger. */
    | { readonly kind: "limit"; readonly bytes: number }
  );

export interface TargetKill {
  readonly fault: TargetFault;
  /** `killed`, the code of an error, or `unharmed` when the fault came too late. */
  readonly end: string;
  /** What was not as it must be. */
  readonly findings: readonly string[];
}

/** The run that meets the fault, as run 1 is the one before. */
export const runOfFault = 2;

const rowCount = 60_000;

/** Half of the rows of a run are those of the run before, by their ids. */
export function killRequest({ format, mode }: TargetTable, run: number): NamedRequest {
  const path = `out/t.${format}`;
  return {
    sql: rowsOf(run),
    output: {
      dataset: "t",
      mode,
      ...(mode === "merge" ? { key: ["id"] } : {}),
      ...(format === "sqlite" ? { sqlite: { path } } : { duckdb: { path } }),
    },
  };
}

function rowsOf(run: number): string {
  const first = (run * rowCount) / 2;
  return `select i as id, ${run} as run, md5(i::varchar || ':${run}') as text from range(${first}, ${first + rowCount}) r(i)`;
}

/** Lets a fault happen in a copy of `template`, which has what was there before, and looks at what comes after. */
export async function killOnce(template: string, fault: TargetFault): Promise<TargetKill> {
  await using project = await DataProject.create();
  if (fault.exists) await cp(template, project.root, { recursive: true });
  await mkdir(project.path("out"), { recursive: true });
  const end = await publishUnderFault(project, fault);
  const findings = await lookAfterwards(project, fault, end);
  return { fault, end, findings };
}

/** A project with what run 1 has published. */
export async function createTemplate(table: TargetTable): Promise<DataProject> {
  const project = await DataProject.create();
  await project.publish(killRequest(table, 1), { runId: 1 });
  return project;
}

async function publishUnderFault(project: DataProject, fault: TargetFault): Promise<string> {
  if (fault.kind !== "disk") return await killPublisher(project.root, fault);
  const folder = project.path("out");
  const before = project.path("before");
  await rename(folder, before);
  await mkdir(folder);
  const used = execFileSync("du", ["-sb", before], { encoding: "utf8" });
  const size = Math.ceil((Number(used.split("\t")[0]) + fault.bytes) / 4096) * 4096;
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder]);
  try {
    await cp(before, folder, { recursive: true });
    const end = await killPublisher(project.root, fault);
    await rm(before, { recursive: true });
    await cp(folder, before, { recursive: true }); // as it was left, on a disk with space
    return end;
  } finally {
    execFileSync("umount", ["-l", folder]);
    await rm(folder, { recursive: true });
    await rename(before, folder);
  }
}

/** @returns `killed`, the code of the error that ended the publication, or `unharmed` */
export async function killPublisher(root: string, fault: TargetFault): Promise<string> {
  const script = fileURLToPath(new URL("target-kill-program.ts", import.meta.url));
  const flags = ["--conditions=millrace-source", "--disable-warning=ExperimentalWarning"];
  const command = [process.execPath, ...flags, script, root, JSON.stringify(fault)];
  // the signal that a file is too large would end the process before it sees the error
  const limit = fault.kind === "limit" ? `trap "" XFSZ; ulimit -f ${Math.ceil(fault.bytes / 512)}; ` : "";
  const child = spawn("sh", ["-c", `${limit}exec "$@"`, "sh", ...command], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [output, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  await once(child, "close");
  if (child.signalCode === "SIGKILL") return "killed";
  if (output === "") throw new Error(`the publisher ended with ${child.exitCode ?? child.signalCode}: ${errors}`);
  const { code } = JSON.parse(output) as { readonly code?: string };
  return code ?? "unharmed";
}

/** The next attempt of the run, and a run after it, as other processes would do them. */
async function lookAfterwards(project: DataProject, fault: TargetFault, end: string): Promise<string[]> {
  const findings: string[] = [];
  const expected = ["killed", "unharmed", ...(fault.kind === "disk" || fault.kind === "limit" ? ["DISK_FULL"] : [])];
  if (!expected.includes(end)) findings.push(`the publisher ended with ${end}`);
  const before = fault.exists ? [1] : [];
  for (const run of [runOfFault, runOfFault + 1]) {
    try {
      await recoverStaging({ staging: project.staging, isLive: () => Promise.resolve(false) });
      await project.publish(killRequest(fault, run), { runId: run, epoch: 2 });
      before.push(run);
      findings.push(...(await compare(project, fault.mode, before)));
    } catch (error) {
      findings.push(`run ${run} failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  findings.push(...(await findLeftovers({ staging: project.staging, isLive: () => Promise.resolve(false) })));
  const stray = (await readdir(project.path("out"))).filter((name) => name !== `t.${fault.format}`);
  return [...findings, ...stray.map((name) => `out/${name} is left`)];
}

async function compare(project: DataProject, mode: WriteMode, runs: readonly number[]): Promise<string[]> {
  const digest = "count(*) as n, sum(hash(id::bigint, run::bigint, text)::hugeint)::varchar as digest";
  const [found] = await project.rows("t", `select ${digest} from t`);
  await using session = await project.engine.open();
  const [wanted] = await session.query(`select ${digest} from (${undisturbed(mode, runs)})`);
  const text = (row: Row | undefined): string => `${String(row?.["n"])} rows, ${String(row?.["digest"])}`;
  return text(found) === text(wanted) ? [] : [`after run ${runs.at(-1)} expected ${text(wanted)}, got ${text(found)}`];
}

function undisturbed(mode: WriteMode, runs: readonly number[]): string {
  const published = mode === "replace" ? runs.slice(-1) : runs;
  const all = published.map(rowsOf).join(" union all ");
  return mode === "merge"
    ? `select * from (${all}) qualify row_number() over (partition by id order by run desc) = 1`
    : all;
}
