// Writes rows below one folder for each combination of partition values. Neither a value nor a column's name stands in a path
// as it is: the engine would change some of them, and a file system takes only so many bytes in a name.
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { MillraceError } from "../../core/errors/errors.ts";
import { type EngineSession, quoteIdentifier, type WriteParquetOptions, type WrittenFile } from "../engine.ts";

/** What of a session is needed here. */
export interface PartitionSession extends Pick<EngineSession, "execute" | "materialize" | "query"> {
  /** Writes `before`, the author's query and `after` as one statement. `partitionBy` are columns of that statement. */
  copy(
    query: { readonly before: string; readonly sql: string; readonly after: string },
    options: WriteParquetOptions,
  ): Promise<WrittenFile[]>;
}

/**
 * Writes the rows of `sql` and gives every file its partition values by the names of `partitionBy`.
 * Values that no folder could be named after, and a shortage of open files, cost another run of the query, whose rows are
 * then the ones that count.
 */
export async function writePartitions(
  session: PartitionSession,
  sql: string,
  options: WriteParquetOptions,
): Promise<WrittenFile[]> {
  const { partitionBy = [], path, signal } = options;
  const keys = toKeys(partitionBy);
  const written = await copyFrugally(session, sql, keys, options);
  if (!written.some(({ partition }) => Object.values(partition).some(isDigest))) {
    return written.map((file) => withValues(file, keys, new Map()));
  }
  await discard(path);
  // a query may give other rows each time, so its rows are kept in a table while their long values are looked up
  const name = `millrace_rows_${randomUUID()}`;
  const held = quoteIdentifier(name);
  const interruptible = signal === undefined ? {} : { signal };
  try {
    await session.materialize(name, sql, interruptible);
    const again = await copyFrugally(session, `SELECT * FROM ${held}`, keys, options);
    const values = await session.query(listDigests(held, keys), interruptible);
    const byDigest = new Map(values.map(({ digest, text }) => [String(digest), String(text)]));
    return again.map((file) => withValues(file, keys, byDigest));
  } finally {
    await session.execute(`DROP TABLE IF EXISTS ${held}`);
  }
}

/** A partition column and the column that stands for it in paths. */
interface PartitionKey {
  readonly column: string;
  readonly name: string;
  /** SQL of a short text that is the same for the same value only, and NULL for NULL. */
  readonly expression: string;
}

/** Begins what stands for a value that is not its own key; a value that begins like this has a digest, too. */
const digestMark = "millrace:sha256:";

/** Bytes of a value as the engine writes it into a folder's name; file systems allow 255 with the column's name. */
const maxEncodedBytes = 200;

function toKeys(partitionBy: readonly string[]): PartitionKey[] {
  const token = randomUUID().slice(0, 8);
  return partitionBy.map((column, index) => {
    const text = `CAST(${quoteIdentifier(column)} AS VARCHAR)`;
    // a byte has at most three characters when it is encoded, so that most values need no second look
    const fits = `(strlen(${text}) <= ${Math.floor(maxEncodedBytes / 3)} OR length(url_encode(${text})) <= ${maxEncodedBytes})`;
    const expression = `CASE WHEN ${fits} AND NOT starts_with(${text}, '${digestMark}') THEN ${text} ELSE '${digestMark}' || sha256(${text}) END`;
    return { column, name: `p${index}_${token}`, expression };
  });
}

/** Where so many files may not be open at once, fewer are: the engine then begins several for one partition. */
async function copyFrugally(
  session: PartitionSession,
  sql: string,
  keys: readonly PartitionKey[],
  options: WriteParquetOptions,
): Promise<WrittenFile[]> {
  try {
    return await copy(session, sql, keys, options);
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== "OPEN_FILES_EXHAUSTED") throw error;
    await discard(options.path);
    await session.execute(`SET partitioned_write_max_open_files = ${fewOpenFiles}`);
    return await copy(session, sql, keys, options);
  }
}

/** The engine's own limit is 100 files in each session. */
const fewOpenFiles = 8;

async function discard(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

async function copy(
  session: PartitionSession,
  sql: string,
  keys: readonly PartitionKey[],
  options: WriteParquetOptions,
): Promise<WrittenFile[]> {
  const columns = keys.map(({ column }) => quoteIdentifier(column)).join(", ");
  const list = keys.map(({ expression, name }) => `${expression} AS ${quoteIdentifier(name)}`).join(", ");
  const query = { before: `SELECT * EXCLUDE (${columns}), ${list} FROM (\n`, sql, after: "\n)" };
  return await session.copy(query, { ...options, partitionBy: keys.map(({ name }) => name) });
}

function listDigests(held: string, keys: readonly PartitionKey[]): string {
  const selects = keys.map(
    ({ column, expression }) =>
      `SELECT DISTINCT ${expression} AS digest, CAST(${quoteIdentifier(column)} AS VARCHAR) AS text FROM ${held} WHERE digest LIKE '${digestMark}%'`,
  );
  return selects.join(" UNION ALL ");
}

function withValues(
  file: WrittenFile,
  keys: readonly PartitionKey[],
  byDigest: ReadonlyMap<string, string>,
): WrittenFile {
  const entries = keys.map(({ column, name }) => {
    const key = file.partition[name] ?? null;
    return [column, isDigest(key) ? valueOf(key, byDigest) : key] as const;
  });
  return { ...file, partition: Object.fromEntries(entries) };
}

function valueOf(digest: string, byDigest: ReadonlyMap<string, string>): string {
  const value = byDigest.get(digest);
  if (value === undefined) throw new MillraceError("INTERNAL", "a partition was written whose value is not known");
  return value;
}

function isDigest(key: string | null): key is string {
  return key?.startsWith(digestMark) ?? false;
}
