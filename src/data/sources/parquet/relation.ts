// Parquet files, of which the engine reads some wrongly and says nothing: these are refused first.
import { open } from "node:fs/promises";
import type { EngineSession } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { fileList } from "../../files/file-list.ts";
import { few } from "../source-differences.ts";
import type { SourceRows } from "../source-rows.ts";
import { unitedRows } from "../typed/united-rows.ts";

/**
 * One `select` over the rows of Parquet files, united by column name.
 * @throws MillraceError `SOURCE_UNREADABLE` naming the file
 */
export async function parquetRows(session: EngineSession, files: readonly string[]): Promise<SourceRows> {
  await assertPlain(files);
  await assertNarrow(session, files);
  const rows = await unitedRows(session, files);
  return { ...rows, explain: async (error) => explainDamage(error, files) };
}

/** What the engine says of a part that it cannot decode: a damaged one, or a column that is encrypted behind a plain footer. */
function explainDamage(error: unknown, files: readonly string[]): unknown {
  if (!(error instanceof MillraceError) || !/TProtocolException|Thrift|encrypt/i.test(error.message)) return error;
  const named = few(files.map((file) => `\`${file}\``));
  return new MillraceError("SOURCE_UNREADABLE", `reading ${named}: a column is damaged or encrypted`, {
    hint: "have it written without encryption, or encrypted as a whole with GPG; else deliver it again",
    cause: error,
  });
}

/** An encrypted file begins, or at least ends, with marks of its own. @see https://parquet.apache.org/docs/file-format/data-pages/encryption/ */
async function assertPlain(files: readonly string[]): Promise<void> {
  for (const file of files) {
    await using handle = await open(file);
    const { size } = await handle.stat();
    const end = Buffer.alloc(4);
    await handle.read(end, 0, 4, Math.max(0, size - 4));
    if (end.toString("latin1") !== "PARE") continue;
    throw refused(
      file,
      "the file is encrypted",
      "have it written without encryption, or encrypted as a whole with GPG",
    );
  }
}

/** The engine makes doubles of decimals with more than 38 digits, and wrong ones of some. */
async function assertNarrow(session: EngineSession, files: readonly string[]): Promise<void> {
  if (files.length === 0) return;
  const [wide] = await session.query(
    `SELECT file_name AS file, name, precision FROM parquet_schema(${fileList(files)})
      WHERE TRY_CAST(precision AS INTEGER) > 38 ORDER BY file_name LIMIT 1`,
  );
  if (wide === undefined) return;
  const problem = `column \`${String(wide["name"])}\` has decimals of ${String(wide["precision"])} digits, and 38 is the most that are exact`;
  throw refused(String(wide["file"]), problem, "have the column written as text, or with at most 38 digits");
}

function refused(file: string, problem: string, hint: string): MillraceError {
  return new MillraceError("SOURCE_UNREADABLE", `reading \`${file}\`: ${problem}`, { hint });
}
