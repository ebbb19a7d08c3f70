// The rows of a large organisation as Parquet files of a project, and what of them changes between two runs.
import { createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createOrganisation } from "../../examples/pulse/organisation/create-organisation.ts";
import { type DuckDbPeer, parquetOptions } from "../data/duckdb-peer.ts";

/** Of a whole organisation: 100,000 pull requests, 20,000 deployments, and issues with some 500,000 moves and other changes. */
export function sizeOf(part: number): Parameters<typeof createOrganisation>[0] {
  const count = (whole: number): number => Math.max(Math.round(whole * part), 10);
  return {
    seed: 1,
    repositories: count(200),
    pullRequests: count(100_000),
    deployments: count(20_000),
    issues: count(130_000),
    sprints: count(400),
  };
}

/** Types by column where a value does not tell them. */
const types: Readonly<Record<string, string>> = { points: "DOUBLE", columns: "VARCHAR", is_removed: "BOOLEAN" };

/** Writes `given/<dataset>.parquet` for each dataset. @returns rows by dataset, and the services of the organisation */
export async function writeOrganisation(db: DuckDbPeer, root: string, part: number): Promise<OrganisationFiles> {
  const { github, jira, truth } = createOrganisation(sizeOf(part));
  await mkdir(join(root, "given"), { recursive: true });
  const rows: Record<string, number> = {};
  for (const [prefix, entities] of [
    ["github", github],
    ["jira", jira],
  ] as const) {
    for (const [name, list] of Object.entries<readonly object[]>({ ...entities })) {
      const lines = join(root, "given", `${prefix}_${name}.ndjson`);
      await pipeline(Readable.from(list.map((row) => `${JSON.stringify(row)}\n`)), createWriteStream(lines));
      const columns = Object.keys(list[0] ?? {}).map((column) => `'${column}': '${typeOf(column, list)}'`);
      const to = join(root, "given", `${prefix}_${name}.parquet`);
      await db.run(
        `copy (select * from read_json('${lines}', columns = {${columns.join(", ")}})) to '${to}' (${parquetOptions})`,
      );
      await rm(lines);
      rows[`${prefix}_${name}`] = list.length;
    }
  }
  return { rows, services: truth.services };
}

export interface OrganisationFiles {
  readonly rows: Readonly<Record<string, number>>;
  readonly services: readonly object[];
}

function typeOf(column: string, rows: readonly object[]): string {
  const value: unknown = rows.map((row): unknown => Reflect.get(row, column)).find((one) => one !== null);
  if (column.endsWith("_at")) return "TIMESTAMPTZ";
  if (types[column] !== undefined) return types[column];
  if (typeof value === "number") return "BIGINT";
  if (typeof value === "boolean") return "BOOLEAN";
  return typeof value === "object" ? "VARCHAR[]" : "VARCHAR";
}

/** What changed rows have otherwise, by dataset and column. */
const changes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  github_pull_requests: { additions: "additions + 1", updated_at: "updated_at + interval 1 minute" },
  github_reviews: { submitted_at: "submitted_at + interval 1 minute" },
  github_deployment_statuses: { created_at: "created_at + interval 1 second" },
  jira_changes: { created_at: "created_at + interval 1 second" },
};

/** Which hundredth of the rows changes: the newest of them, as in a day's work, or some anywhere in their history. */
export type ChangedPart = "newest" | "anywhere";

/** Changes one of a hundred pull requests, reviews, statuses of deployments and changes of issues. */
export async function changeOrganisation(
  db: DuckDbPeer,
  root: string,
  { turn, changed }: { readonly turn: number; readonly changed: ChangedPart },
): Promise<void> {
  for (const [dataset, columns] of Object.entries(changes)) {
    const path = join(root, "given", `${dataset}.parquet`);
    const instant = dataset === "github_reviews" ? "submitted_at" : "created_at";
    const isMeant =
      changed === "newest"
        ? `${instant} >= (select quantile_disc(${instant}, 0.99) from '${path}')`
        : `hash(id) % 100 = ${turn % 100}`;
    const values = Object.entries(columns).map(
      ([column, value]) => `case when ${isMeant} then ${value} else ${column} end as ${column}`,
    );
    await db.run(`copy (select * replace (${values.join(", ")}) from '${path}') to '${path}.new' (${parquetOptions})`);
    await rename(`${path}.new`, path);
  }
}

/** Reads each value of each row once. */
export async function scanOrganisation(db: DuckDbPeer, root: string): Promise<void> {
  for (const name of await readdir(join(root, "given"))) {
    await db.run(`select bit_xor(hash(t)) from '${join(root, "given", name)}' t`);
  }
}
