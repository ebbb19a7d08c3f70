// Reads one table with Millrace and with the `deltalake` package, and says how what they give compares. Rows are compared by the
// SQL engine, with their types, whatever their order.
import { join } from "node:path";
import { type Column, type EngineSession, quoteIdentifier, quoteLiteral } from "../../../src/compute/engine.ts";
import { classifyError } from "../../../src/core/errors/classify-error.ts";
import { deltaRelation, openDeltaSnapshot } from "../../../src/data/delta/delta-table.ts";
import type { PythonServer } from "../python-server.ts";
import type { CorpusTable } from "./corpus-tables.ts";

/** `alone`: nobody else reads it; `refused`: a feature that Millrace names; `damaged`: the other reader refuses it, too. */
export type Outcome = "expected" | "equal" | "alone" | "refused" | "damaged" | "different";

export interface Comparison {
  readonly table: CorpusTable;
  readonly outcome: Outcome;
  readonly rows?: number;
  /** What is different, refused or damaged. */
  readonly note?: string;
}

export interface CorpusReaders {
  readonly session: EngineSession;
  readonly deltalake: PythonServer;
  /** Folder for rows of the other reader. */
  readonly spool: string;
}

/** Compares one table. What goes wrong is what it says. */
export async function compareTable(table: CorpusTable, readers: CorpusReaders): Promise<Comparison> {
  const others = await readOther(table, readers);
  try {
    return { table, ...(await compareRows(table, others, readers)) };
  } catch (error) {
    return { table, ...toFailure(error, others) };
  }
}

interface OtherRows {
  /** A relation of the rows; absent when the table was refused. */
  readonly sql?: string;
  readonly error?: string;
}

async function readOther({ path }: CorpusTable, { deltalake, spool }: CorpusReaders): Promise<OtherRows> {
  const rows = join(spool, "deltalake.parquet");
  try {
    await deltalake.ask({ table: path, rows });
    return { sql: `SELECT * FROM read_parquet(${quoteLiteral(rows)})` };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

async function compareRows(
  { path, expected }: CorpusTable,
  others: OtherRows,
  { session }: CorpusReaders,
): Promise<Omit<Comparison, "table">> {
  const own = await deltaRelation(session, await openDeltaSnapshot(path, { session }));
  await session.materialize("own", own);
  const [row] = await session.query("SELECT count(*) AS n FROM own");
  const rows = Number(row?.["n"]);
  const known = expected === undefined ? undefined : `SELECT * FROM read_parquet(${quoteLiteral(expected)})`;
  const fromExpected = known === undefined ? undefined : await findDifference(session, known, "loose");
  const fromOthers = others.sql === undefined ? undefined : await findDifference(session, others.sql, "typed");
  if (known !== undefined && fromExpected === undefined) return { outcome: "expected", rows };
  const note = [fromExpected && `\`expected\`: ${fromExpected}`, fromOthers && `deltalake: ${fromOthers}`];
  if (note.some(Boolean)) return { outcome: "different", rows, note: note.filter(Boolean).join("; ") };
  return { outcome: others.sql === undefined ? "alone" : "equal", rows };
}

/** What `other` has otherwise; types are compared where the other side has those of the table. */
async function findDifference(
  session: EngineSession,
  other: string,
  strictness: "typed" | "loose",
): Promise<string | undefined> {
  const [mine, theirs] = [await session.describe("SELECT * FROM own"), await session.describe(other)];
  const names = (columns: readonly Column[]): string => columns.map(({ name }) => name).join(", ");
  if (names(mine) !== names(theirs)) return `columns ${names(theirs)} instead of ${names(mine)}`;
  const strange = mine.find(({ type }, at) => strictness === "typed" && type !== theirs[at]?.type);
  if (strange !== undefined) {
    const type = theirs.find(({ name }) => name === strange.name)?.type ?? "";
    return `column ${strange.name} has the type ${type} instead of ${strange.type}`;
  }
  const list = mine.map(({ name, type }) => `CAST(${quoteIdentifier(name)} AS ${type}) AS ${quoteIdentifier(name)}`);
  const cast = `SELECT ${list.join(", ")} FROM (${other})`;
  const [counts] = await session.query(
    `SELECT (SELECT count(*) FROM (SELECT * FROM own EXCEPT ALL (${cast}))) AS more,
      (SELECT count(*) FROM ((${cast}) EXCEPT ALL SELECT * FROM own)) AS less`,
  );
  const [more, less] = [Number(counts?.["more"]), Number(counts?.["less"])];
  return more === 0 && less === 0 ? undefined : `${more} rows more and ${less} rows less`;
}

function toFailure(error: unknown, others: OtherRows): Omit<Comparison, "table"> {
  const { code, message, details } = classifyError(error);
  const both = others.sql === undefined ? "" : ", which deltalake reads";
  if (code === "DELTA_UNSUPPORTED") {
    const features = (details?.["features"] as readonly string[] | undefined) ?? [message];
    return { outcome: "refused", note: `${features.join(", ")}${both}` };
  }
  if (others.sql === undefined && (code === "DELTA_CORRUPT" || code === "SOURCE_MISSING")) {
    return { outcome: "damaged", note: code };
  }
  return { outcome: "different", note: `${code}: ${message.split("\n")[0]}${both}` };
}
