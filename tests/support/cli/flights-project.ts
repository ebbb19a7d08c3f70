// A private copy of the flights example, run by the built CLI, and what can be seen of its results from outside.
import type { ChildProcess } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { join, relative } from "node:path";
import { createDuckDbEngine } from "../../../src/compute/duckdb/duckdb-engine.ts";
import { type EngineSession, quoteLiteral } from "../../../src/compute/engine.ts";
import { type CliResult, ExampleProject } from "./example-project.ts";
import { deltaRelation, openDeltaSnapshot } from "../../../src/data/delta/delta-table.ts";

const root = join(import.meta.dirname, "../../..");
const deltaTables = [
  "bronze/airports",
  "bronze/flights",
  "bronze/late_flights",
  "silver/flights",
  "gold/delay_by_airport_day",
  "gold/busiest_routes",
  "gold/on_time_ranking",
  "bronze/flights_quarantine",
  "bronze/late_flights_quarantine",
];

/** What another program would find: table → rows and a hash of them that does not depend on their order. */
export type PublishedTables = Readonly<Record<string, string>>;

/** A copy of `examples/flights` without results. */
export class FlightsProject implements AsyncDisposable {
  readonly #project: ExampleProject;

  private constructor(project: ExampleProject) {
    this.#project = project;
  }

  static async create(environment: NodeJS.ProcessEnv = {}): Promise<FlightsProject> {
    return new FlightsProject(await ExampleProject.create("flights", environment));
  }

  /** The same over the first 200,000 flights: done in seconds, it can be killed and run again as often. */
  static async createSmall(environment: NodeJS.ProcessEnv = {}): Promise<FlightsProject> {
    const project = await FlightsProject.create(environment);
    await shrink(project.path);
    return project;
  }

  get path(): string {
    return this.#project.path;
  }

  /** Starts the CLI without waiting for it. */
  start(...args: string[]): ChildProcess {
    return this.#project.start(...args);
  }

  /** Runs the CLI to its end. */
  run(...args: string[]): Promise<CliResult> {
    return this.#project.run(...args);
  }

  /** Rows and fingerprints of every published table, in each of its formats. */
  async publishedTables(): Promise<PublishedTables> {
    await using engine = createDuckDbEngine({ threads: 2, memoryLimit: "1GB" });
    await using session = await engine.open();
    const tables: Record<string, string> = {};
    const measure = async (name: string, relation: string): Promise<void> => {
      // which run set a row aside, and when, is not the same in two projects
      const rows = `select columns(name -> name not in ('_quarantine_run', '_quarantine_at')) from (${relation})`;
      const [row] = await session.query(`select count(*) as n, sum(hash(t)) as h from (${rows}) t`);
      tables[name] = `${String(row?.["n"])} rows, hash ${String(row?.["h"])}`;
    };
    for (const table of deltaTables)
      await measure(
        table,
        await deltaRelation(session, await openDeltaSnapshot(join(this.path, "lake", table), { session })),
      );
    for (const file of ["delay_by_airport_day", "on_time_ranking"]) {
      await measure(
        `${file}.parquet`,
        `select * from read_parquet(${quoteLiteral(join(this.path, "out", `${file}.parquet`))})`,
      );
    }
    using database = new DatabaseSync(join(this.path, "out/flights.sqlite"), { readOnly: true });
    for (const table of ["busiest_routes", "on_time_ranking"]) {
      tables[`sqlite ${table}`] = JSON.stringify(
        database.prepare(`select count(*) as n, sum(flights) as flights from ${table}`).get(),
      );
    }
    return tables;
  }

  /** Files that a reader could stumble over although nothing published them. */
  async strayFiles(): Promise<string[]> {
    await using engine = createDuckDbEngine();
    await using session = await engine.open();
    const strays: string[] = [];
    for (const table of deltaTables) strays.push(...(await unreferencedFiles(join(this.path, "lake", table), session)));
    const out = await readdir(join(this.path, "out"));
    const published =
      /^(?:(?:delay_by_airport_day|on_time_ranking)\.parquet|flights\.sqlite(?:-shm|-wal)?|report\.(?:html|txt))$/;
    strays.push(...out.filter((file) => !published.test(file)).map((file) => join("out", file)));
    const staging = await readdir(join(this.path, ".millrace/staging")).catch(() => []);
    return [...strays, ...staging.map((name) => `staging ${name}`)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#project[Symbol.asyncDispose]();
  }
}

async function shrink(project: string): Promise<void> {
  const all = join(root, "node_modules/vega-datasets/data/flights-3m.parquet");
  const few = join(project, "flights-200k.parquet");
  await using engine = createDuckDbEngine({ threads: 2, memoryLimit: "1GB" });
  await using session = await engine.open();
  const rows = `select * from read_parquet(${quoteLiteral(all)}) limit 200000`;
  await session.query(`copy (${rows}) to ${quoteLiteral(few)} (format parquet)`);
  await edit(join(project, "jobs/bronze/ingest-flights.ts"), [
    ['rawData("flights-3m.parquet")', JSON.stringify(few)],
    ["min: 2_900_000", "min: 190_000"],
    ['import { rawData } from "../../raw-data.ts";\n', ""],
  ]);
  await edit(join(project, "jobs/silver/clean-flights.ts"), [
    ["min: 2_900_000, max: 3_020_000", "min: 190_000, max: 220_000"],
  ]);
}

async function edit(path: string, changes: readonly (readonly [from: string, to: string])[]): Promise<void> {
  let text = await readFile(path, "utf8");
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`${path} no longer has: ${from}`);
    text = text.replace(from, to);
  }
  await writeFile(path, text);
}

// Each table of the example is written once, so every data file must belong to its only version.
async function unreferencedFiles(tablePath: string, session: EngineSession): Promise<string[]> {
  const snapshot = await openDeltaSnapshot(tablePath, { session });
  const active = new Set(snapshot.files.map((file) => decodeURIComponent(file.path)));
  const files = (await readdir(tablePath, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("_delta_log"))
    .map((entry) => relative(tablePath, join(entry.parentPath, entry.name)));
  return files.filter((file) => !active.has(file)).map((file) => join(relative(root, tablePath), file));
}
