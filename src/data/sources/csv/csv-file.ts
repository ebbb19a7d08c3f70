// One delivered csv file: its first line, and then that its bytes are sound and what its values are like.
import type { CsvOptions } from "./options.ts";
import { unreadableLine } from "../unreadable-line.ts";
import { type CsvFileHead, type CsvScan, scanCsv, type CsvScanRequest } from "./csv-scan.ts";
import { scanInParts } from "./csv-parts.ts";
import { readCsvHead } from "./csv-text.ts";

export interface CsvFile extends CsvFileHead, CsvScan {}

/** Reads the beginning of every file; those without a single line tell nothing and are left out. @throws MillraceError `SOURCE_UNREADABLE` */
export async function openCsvFiles(files: readonly string[], options: CsvOptions): Promise<CsvFileHead[]> {
  const opened: CsvFileHead[] = [];
  for (const file of files) {
    const head = await readCsvHead(file, options);
    if (head !== undefined) opened.push({ ...head, file, hasHeader: options.header ?? true });
  }
  return opened;
}

/** Reads every byte of a file, parts of a large one at the same time. @throws MillraceError `SOURCE_UNREADABLE` naming file and line */
export async function scanCsvFile(request: CsvScanRequest): Promise<CsvFile> {
  const scan = (await scanInParts(request)) ?? (await scanCsv(request));
  if (scan.hasQuotes) assertNoLooseQuote(request.head);
  return { ...request.head, ...scan };
}

/** The engine reads quotes in lines that it skips, if there are quotes in the rows, and would skip more or fewer of them. */
function assertNoLooseQuote({ file, looseQuoteLine, quote }: CsvFileHead): void {
  if (looseQuoteLine === undefined) return;
  const problem = `a line that is set aside has a ${quote} which opens or closes no field, and the rows have quoted fields`;
  throw unreadableLine(file, looseQuoteLine, problem, "take the mark, or the line, out of the file");
}

/** Line of the `row`th row, from 1, as an editor counts. */
export async function findLine(head: CsvFileHead, row: number): Promise<number> {
  const { line } = await scanCsv({ head, names: [], nullValues: [], rowSought: row });
  return line ?? head.skip + 1;
}
