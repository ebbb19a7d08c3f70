// Rows of MySQL in a spool. The server's bytes go into the file as they are; nothing becomes a text of JavaScript on the way.
import { type FileHandle, open } from "node:fs/promises";
import type { MysqlRow } from "../../connections/mysql/mysql-row.ts";
import type { MysqlSession } from "../../connections/mysql/mysql-session.ts";
import type { TextSpool } from "../files/text-spool.ts";

/** Copies the rows of statements to a new file. The next statement is asked for when the one before was read. */
export async function spoolRows(session: MysqlSession, statements: Iterable<string>, path: string): Promise<TextSpool> {
  const file = await open(path, "wx");
  try {
    const writer = new RowWriter(file);
    for (const statement of statements) {
      for await (const rows of session.stream(statement)) await writer.write(rows);
    }
    await writer.flush();
    return { path, ...writer.found };
  } finally {
    await file.close();
  }
}

const bufferBytes = 1_048_576;

/** Writes CSV with commas, and `"` where it is needed; sees on the way what readers must know. */
class RowWriter {
  readonly #file: FileHandle;
  #buffer = Buffer.allocUnsafe(bufferBytes);
  #end = 0;
  readonly found = { rows: 0, longestRowBytes: 0, hasQuotes: false, isAmbiguous: false };

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async write(rows: readonly MysqlRow[]): Promise<void> {
    for (const row of rows) {
      const most = mostBytes(row);
      if (most > this.#buffer.length - this.#end) await this.#makeRoom(most);
      this.#add(row);
    }
    this.found.rows += rows.length;
  }

  async flush(): Promise<void> {
    await this.#file.writeFile(this.#buffer.subarray(0, this.#end));
    this.#end = 0;
  }

  async #makeRoom(bytes: number): Promise<void> {
    await this.flush();
    if (bytes > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(bytes);
  }

  #add(row: MysqlRow): void {
    const start = this.#end;
    for (const [index, value] of row.entries()) {
      if (index > 0) this.#buffer[this.#end++] = comma;
      if (value === null) this.#end += this.#buffer.write(nullMark, this.#end, "latin1");
      else if (needsQuotes(value)) this.#addQuoted(value);
      else this.#end += value.copy(this.#buffer, this.#end);
    }
    this.found.longestRowBytes = Math.max(this.found.longestRowBytes, this.#end - start);
    this.#buffer[this.#end++] = lineFeed;
  }

  #addQuoted(value: Buffer): void {
    this.found.hasQuotes = true;
    this.#buffer[this.#end++] = quote;
    for (const byte of value) {
      if (byte === quote) this.#buffer[this.#end++] = quote;
      if (byte === quote || byte === lineFeed || byte === carriageReturn) this.found.isAmbiguous = true;
      this.#buffer[this.#end++] = byte;
    }
    this.#buffer[this.#end++] = quote;
  }
}

const [quote, comma, lineFeed, carriageReturn, backslash] = [34, 44, 10, 13, 92];
const nullMark = String.raw`\N`;

/** Of a row in which every byte is a quote. */
function mostBytes(row: MysqlRow): number {
  let bytes = 1;
  for (const value of row) bytes += 2 * (value?.length ?? 0) + 3;
  return bytes;
}

/** An empty text and one that begins like the mark of NULL need them, too. */
function needsQuotes(value: Buffer): boolean {
  const { length } = value;
  if (length === 0 || value[0] === backslash) return true;
  for (let index = 0; index < length; index += 1) {
    const byte = value[index];
    if (byte === comma || byte === quote || byte === lineFeed || byte === carriageReturn) return true;
  }
  return false;
}
