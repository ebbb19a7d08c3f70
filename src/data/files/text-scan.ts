// One look at the bytes of a file that was written, for what its readers must know before they begin.
import { createReadStream } from "node:fs";

export interface TextScan {
  /** Bytes of the longest row. */
  readonly longestRowBytes: number;
  readonly hasQuotes: boolean;
  /** Whether a field holds a line end or a quote, so that nobody can tell in the middle of the file where a row begins. */
  readonly isAmbiguous: boolean;
}

/** @param quote the character around fields that hold line ends; without it every line is a row */
export async function scanText(path: string, quote: string | undefined): Promise<TextScan> {
  const mark = quote?.charCodeAt(0);
  let [longestRowBytes, rowStart, lastQuote, offset] = [0, 0, -2, 0];
  let [isInside, hasQuotes, isAmbiguous] = [false, false, false];
  for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 })) {
    const bytes = chunk as Buffer;
    for (const at of findMarks(bytes, mark)) {
      const place = offset + at;
      if (bytes[at] === mark) {
        // a quote within a field is written twice
        if (place === lastQuote + 1) isAmbiguous = true;
        [lastQuote, isInside, hasQuotes] = [place, !isInside, true];
      } else if (isInside) {
        isAmbiguous = true;
      } else {
        longestRowBytes = Math.max(longestRowBytes, place - rowStart);
        rowStart = place + 1;
      }
    }
    if (mark !== undefined && bytes.includes(carriageReturn)) isAmbiguous = true;
    offset += bytes.length;
  }
  return { longestRowBytes: Math.max(longestRowBytes, offset - rowStart), hasQuotes, isAmbiguous };
}

const [lineFeed, carriageReturn] = [10, 13];

/** Places of line ends and quotes, in their order. */
function* findMarks(bytes: Buffer, mark: number | undefined): Generator<number> {
  const next = (byte: number | undefined, from: number): number =>
    byte === undefined ? -1 : bytes.indexOf(byte, from);
  let [line, quote] = [next(lineFeed, 0), next(mark, 0)];
  while (line !== -1 || quote !== -1) {
    const isLine = quote === -1 || (line !== -1 && line < quote);
    yield isLine ? line : quote;
    if (isLine) line = next(lineFeed, line + 1);
    else quote = next(mark, quote + 1);
  }
}
