// Plain text as one column. Nothing is taken for a value: `00123` and an empty line are what they are.
import { createReadStream } from "node:fs";
import type { EngineSession } from "../../../compute/engine.ts";
import type { TextRow } from "../../files/text-spool.ts";
import type { SourceRows } from "../source-rows.ts";
import { typedRows } from "../typed/typed-rows.ts";
import { unreadableLine } from "../unreadable-line.ts";
import type { TextOptions } from "./options.ts";

/** @throws MillraceError `SOURCE_UNREADABLE` naming the file, for bytes that are no UTF-8 and texts too long to be held */
export async function textRows(
  session: EngineSession,
  files: readonly string[],
  { column = "text", row = "line" }: TextOptions,
  spool: string,
): Promise<SourceRows> {
  const columns = [{ name: column, type: "VARCHAR" }];
  const read = row === "file" ? readWhole : readLines;
  return await typedRows(session, files, { spool, open: async (file) => ({ columns, rows: () => read(file) }) });
}

async function* readWhole(file: string): AsyncGenerator<readonly TextRow[], void> {
  let text = "";
  for await (const part of decode(file, () => 1)) {
    text += part;
    assertLength(file, 1, text);
  }
  if (text !== "") yield [[text]];
}

async function* readLines(file: string): AsyncGenerator<readonly TextRow[], void> {
  let line = 1;
  let rest = "";
  for await (const part of decode(file, () => line)) {
    const lines = (rest + part).split("\n");
    rest = lines.pop() ?? "";
    assertLength(file, line, rest);
    line += lines.length;
    yield lines.map((text) => [withoutReturn(text)]);
  }
  if (rest !== "") yield [[withoutReturn(rest)]];
}

function withoutReturn(text: string): string {
  return text.endsWith("\r") ? text.slice(0, -1) : text;
}

/** Without the byte order mark. @param line where what comes next begins */
async function* decode(file: string, line: () => number): AsyncGenerator<string, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 })) {
      yield decoder.decode(chunk as Uint8Array, { stream: true });
    }
    yield decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const hint = "deliver the file as UTF-8, or set `encoding` of the source";
    throw unreadableLine(file, line(), "in this line or soon behind it the text is no UTF-8", hint);
  }
}

const maxLength = 64 * 1024 ** 2;

function assertLength(file: string, line: number, text: string): void {
  if (text.length <= maxLength) return;
  throw unreadableLine(file, line, `a text has more than ${maxLength} characters`, "have the file cut into rows");
}
