// One delivered csv file: its first line, and that its bytes are sound.
import type { CsvOptions } from "../../../core/source.ts";
import { openBytes } from "../whole-archives.ts";
import { CsvScanner, type CsvStructure } from "./csv-scanner.ts";
import { type CsvHead, readCsvHead } from "./csv-text.ts";

export interface CsvFile extends CsvHead, CsvStructure {
  readonly file: string;
  readonly hasHeader: boolean;
}

/** Reads every file once; those without a single line tell nothing and are left out. @throws MillraceError `SOURCE_UNREADABLE` */
export async function openCsvFiles(files: readonly string[], options: CsvOptions): Promise<CsvFile[]> {
  const opened: CsvFile[] = [];
  const hasHeader = options.header ?? true;
  for (const file of files) {
    const head = await readCsvHead(file, options);
    if (head === undefined) continue;
    opened.push({ ...head, ...(await scan({ ...head, file, hasHeader })), file, hasHeader });
  }
  return opened;
}

/** Line of the `row`th row, from 1, as an editor counts. */
export async function findLine(file: CsvFile, row: number): Promise<number> {
  const { line } = await scan(file, row);
  return line ?? file.skip + 1;
}

type Known = CsvHead & Pick<CsvFile, "file" | "hasHeader">;

async function scan(known: Known, rowSought?: number): Promise<CsvStructure> {
  const { file, hasHeader, delimiter, quote, skip, fields } = known;
  const sought = rowSought === undefined ? {} : { rowSought };
  const scanner = new CsvScanner({ file, hasHeader, delimiter, quote, skip, width: fields.length, ...sought });
  for await (const chunk of openBytes(file)) scanner.push(chunk);
  return scanner.end();
}
