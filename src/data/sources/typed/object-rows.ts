// Rows of files whose values say no type: each file becomes one of JSON objects, whose types follow from all of them.
import { open } from "node:fs/promises";
import { FileSpool } from "../file-spool.ts";
import type { SourceRows } from "../source-rows.ts";

export interface ObjectReading {
  readonly spool: string;
  /** As that of `FileReading`. */
  readonly readObjects: (files: readonly string[]) => Promise<SourceRows>;
  /**
   * The rows of a file, each a JSON object in one line, in chunks.
   * @throws MillraceError `SOURCE_UNREADABLE` for a file that is damaged or ends too early
   */
  readonly lines: (file: string) => AsyncIterable<readonly string[]>;
}

/**
 * One relation over the rows of all files, united by column name, in the order of the files.
 * @throws MillraceError `SOURCE_UNREADABLE` naming the file
 */
export async function objectRows(
  files: readonly string[],
  { spool, readObjects, lines }: ObjectReading,
): Promise<SourceRows> {
  const own = new FileSpool(spool);
  const made: string[] = [];
  let rowCount = 0;
  for (const file of files) {
    const { path } = await own.add(file, "objects");
    rowCount += await writeLines(path, lines(file));
    made.push(path);
  }
  return own.rename({ ...(await own.naming(() => readObjects(made))), rowCount });
}

async function writeLines(path: string, chunks: AsyncIterable<readonly string[]>): Promise<number> {
  await using file = await open(path, "wx");
  let rows = 0;
  for await (const chunk of chunks) {
    rows += chunk.length;
    await file.write(chunk.map((line) => `${line}\n`).join(""));
  }
  return rows;
}
