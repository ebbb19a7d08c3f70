// Scans parts of a large file at the same time, each in a thread. A part is taken to begin a record behind some line feed; if that
// line feed stands in quoted text, the part before it ends inside of quotes, and the file is read in one piece instead.
import { open, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { threadEntry } from "../../../core/thread-entry.ts";
import { type ByteRange, isArchive } from "../whole-archives.ts";
import { joinProfiles, type TextProfile } from "./csv-profile.ts";
import { type CsvScan, type CsvScanRequest, scanCsv } from "./csv-scan.ts";

/**
 * @param partBytes a file of less than twice as many is not cut
 * @returns `undefined` where the file is to be read in one piece, which also finds the right words for what is
 *   wrong with it
 */
export async function scanInParts(
  request: CsvScanRequest,
  partBytes: number = usualPartBytes,
  maxParts: number = Math.min(4, availableParallelism()),
): Promise<CsvScan | undefined> {
  const [first, ...others] = await cutFile(request.head.file, partBytes, maxParts);
  if (first === undefined || others.length === 0) return undefined;
  const threads = others.map((range) => scanInThread({ ...request, range }));
  const scans = await Promise.allSettled([scanCsv({ ...request, range: first }), ...threads]);
  const sound = scans.flatMap((scan) => (scan.status === "fulfilled" ? [scan.value] : []));
  return sound.length === scans.length ? joinScans(sound) : undefined;
}

/** What scans of all parts say of the whole; `undefined` where they do not tell. */
export function joinScans(parts: readonly CsvScan[]): CsvScan | undefined {
  const [first] = parts;
  // a part that has no row may end before the header does, and what is wrong with two kinds of line ends is not for parts to say
  if (first === undefined || first.rows === 0) return undefined;
  if (parts.some(({ lineEnd }) => lineEnd !== first.lineEnd)) return undefined;
  const profiles = new Map<string, TextProfile>();
  for (const name of first.profiles.keys()) {
    profiles.set(name, joinProfiles(parts.flatMap((part) => part.profiles.get(name) ?? [])));
  }
  return {
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    hasQuotes: parts.some(({ hasQuotes }) => hasQuotes),
    isAmbiguous: parts.some(({ isAmbiguous }) => isAmbiguous),
    hasMixedLineEnds: parts.some(({ hasMixedLineEnds }) => hasMixedLineEnds),
    longestRowBytes: Math.max(...parts.map(({ longestRowBytes }) => longestRowBytes)),
    ...(first.lineEnd === undefined ? {} : { lineEnd: first.lineEnd }),
    profiles,
  };
}

/** A thread takes a tenth of a second to start and to get up to speed, in which this much is nearly read. */
const usualPartBytes = 64_000_000;

/** Cuts behind line feeds. */
async function cutFile(file: string, partBytes: number, maxParts: number): Promise<ByteRange[]> {
  if (isArchive(file)) return [];
  const { size } = await stat(file);
  const count = Math.min(maxParts, Math.floor(size / partBytes));
  const ranges: ByteRange[] = [];
  let from = 0;
  for (let part = 1; part < count; part += 1) {
    const to = await findLineFeed(file, Math.floor((size * part) / count));
    if (to === undefined || to <= from || to >= size) break;
    ranges.push({ from, to });
    from = to;
  }
  return [...ranges, { from, to: size }];
}

const windowBytes = 1_000_000;

/** The place behind the next line feed, if one is near. */
async function findLineFeed(file: string, from: number): Promise<number | undefined> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(windowBytes), 0, windowBytes, from);
  const found = buffer.subarray(0, bytesRead).indexOf("\n");
  return found === -1 ? undefined : from + found + 1;
}

async function scanInThread(request: CsvScanRequest): Promise<CsvScan> {
  const entry = threadEntry("data/sources/csv/csv-part-thread");
  const thread = new Worker(entry, { workerData: request, name: "millrace csv part", execArgv: [] });
  const { promise, resolve, reject } = Promise.withResolvers<CsvScan>();
  thread.once("message", resolve);
  thread.once("error", reject);
  const ended = new Promise<void>((end) => {
    thread.once("exit", () => {
      reject(new Error("the thread ended without an answer"));
      end();
    });
  });
  try {
    return await promise;
  } finally {
    await ended;
  }
}
