// What a run of an example leaves: its tables, its report and what its service did must be those of an undisturbed run; what must never
// be, killed or not, is a finding.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createDuckDbEngine } from "../../../src/compute/duckdb/duckdb-engine.ts";
import { deltaRelation, openDeltaSnapshot } from "../../../src/data/delta/delta-table.ts";
import type { ExampleProject } from "../../support/cli/example-project.ts";
import type { ExampleService, ExampleTrial } from "./example-trials.ts";

/** One line for each thing. */
export type Traces = readonly string[];

export async function readTraces(
  trial: ExampleTrial,
  project: ExampleProject,
  service: ExampleService,
): Promise<Traces> {
  return [
    ...(await readTables(trial, project)),
    ...(await readReport(trial, project)),
    ...service.carriedOut().map((line) => `the service has ${line}`),
  ];
}

/** Lines of only one of the two. */
export function compareTraces(undisturbed: Traces, traces: Traces): string[] {
  const lacks = undisturbed.filter((line) => !traces.includes(line)).map((line) => `expected ${line}`);
  const has = traces.filter((line) => !undisturbed.includes(line)).map((line) => `got ${line}`);
  const isLonger = traces.length === undisturbed.length ? [] : [`${traces.length} traces, not ${undisturbed.length}`];
  return [...lacks, ...has, ...isLonger];
}

/** What nothing published but lies there, and what the store says of itself. */
export async function findStrays({ datasets }: ExampleTrial, project: ExampleProject): Promise<string[]> {
  const staging = await readdir(join(project.path, ".millrace/staging")).catch(() => []);
  const strays = staging.map((name) => `staging has ${name}`);
  for (const dataset of datasets) strays.push(...(await findUnreferenced(join(project.path, "lake", dataset))));
  const verified = await project.run("verify");
  if (verified.code !== 0) strays.push(`verify ended with ${verified.code}: ${verified.stdout}${verified.stderr}`);
  const listed = await project.run("requests", "list", "--json");
  const { items } = JSON.parse(listed.stdout) as {
    items: readonly { readonly state: string; readonly name: string }[];
  };
  const open = items.filter(({ state }) => state !== "answered");
  return [...strays, ...open.map(({ name, state }) => `the ledger has ${name} as ${state}`)];
}

async function readTables({ datasets }: ExampleTrial, project: ExampleProject): Promise<string[]> {
  await using engine = createDuckDbEngine({ threads: 2, memoryLimit: "1GB" });
  await using session = await engine.open();
  const tables: string[] = [];
  for (const dataset of datasets) {
    const snapshot = await openDeltaSnapshot(join(project.path, "lake", dataset), { session });
    const sql = `select count(*) as n, sum(hash(t)) as h from (${await deltaRelation(session, snapshot)}) t`;
    const [row] = await session.query(sql);
    tables.push(`${dataset}: ${String(row?.["n"])} rows, hash ${String(row?.["h"])}`);
  }
  return tables;
}

async function readReport({ report }: ExampleTrial, project: ExampleProject): Promise<string[]> {
  if (report === undefined) return [];
  const text = await readFile(join(project.path, "out/report.txt"), "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => report.test(line))
    .map((line) => `report: ${line}`);
}

/** Data files that no version of a Delta table has. */
async function findUnreferenced(table: string): Promise<string[]> {
  const files = await readdir(table, { recursive: true });
  const log = files.filter((file) => /_delta_log\/\d+\.json$/.test(file));
  const commits = await Promise.all(log.map((file) => readFile(join(table, file), "utf8")));
  const actions = commits.flatMap((text) => text.split("\n")).filter((line) => line !== "");
  const added = actions.map((line) => (JSON.parse(line) as { readonly add?: { readonly path: string } }).add?.path);
  const known = new Set([...log, "_delta_log", ...added]);
  return files.filter((file) => !known.has(file)).map((file) => `${table} has ${file}`);
}
