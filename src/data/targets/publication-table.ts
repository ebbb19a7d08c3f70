// The table in which a target database remembers what runs have published there, so that none does it twice. It changes in the
// transaction that changes the rows, and its order is that of the publications.
import { quoteLiteral } from "../../compute/engine.ts";
import type { PublicationMemory } from "../publication-order.ts";
import type { Writer } from "../target.ts";

export const publicationTable = "_millrace_publication";

/** @param table the publication table as the database qualifies it, like `table` of the others */
export function createPublicationTable(table: string): string {
  return `CREATE TABLE IF NOT EXISTS ${table} (run_id VARCHAR NOT NULL, dataset VARCHAR NOT NULL, fingerprint VARCHAR NOT NULL)`;
}

/**
 * One row: `has_own`, and `run_id` and `fingerprint` of the last publication, NULL when there is none.
 * @param position column that grows with each publication
 */
export function selectMemory(
  table: string,
  { runKey, dataset }: Pick<Writer, "runKey" | "dataset">,
  position = "rowid",
): string {
  const [run, name] = [quoteLiteral(runKey), quoteLiteral(dataset)];
  const last = `FROM ${table} WHERE dataset = ${name} ORDER BY ${position} DESC LIMIT 1`;
  return `SELECT EXISTS (SELECT 1 FROM ${table} WHERE dataset = ${name} AND run_id = ${run}) AS has_own,
    (SELECT run_id ${last}) AS run_id, (SELECT fingerprint ${last}) AS fingerprint`;
}

/** What the row of `selectMemory` says. */
export function toMemory(row: Readonly<Record<string, unknown>> | undefined): PublicationMemory {
  const hasOwn = Boolean(row?.["has_own"]);
  const [runKey, fingerprint] = [row?.["run_id"], row?.["fingerprint"]];
  if (typeof runKey !== "string" || typeof fingerprint !== "string") return { hasOwn };
  return { hasOwn, last: { runKey, fingerprint } };
}

/** Makes a publication the last one of its dataset. */
export function rememberStatements(table: string, { runKey, dataset, fingerprint }: Writer): string[] {
  const [run, name] = [quoteLiteral(runKey), quoteLiteral(dataset)];
  return [
    `DELETE FROM ${table} WHERE run_id = ${run} AND dataset = ${name}`,
    `INSERT INTO ${table} (run_id, dataset, fingerprint) VALUES (${run}, ${name}, ${quoteLiteral(fingerprint)})`,
  ];
}
