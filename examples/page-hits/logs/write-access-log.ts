// Writes an access log in parts, plain and packed, and counts one the slow way, which everybody can check by eye.
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { AccessLog, type AccessLogOptions, type AccessLogTally } from "./access-log.ts";

export interface LogPart {
  /** Packed where it ends with `.gz`. */
  readonly name: string;
  /** Before it is packed; the last line may go beyond it. */
  readonly bytes: number;
}

const chunkBytes = 1 << 20;

/** Writes one log into several files of a folder, one after the other. @returns what a count of all of them has to come to */
export async function writeAccessLog(
  folder: string,
  parts: readonly LogPart[],
  options?: AccessLogOptions,
): Promise<AccessLogTally> {
  await mkdir(folder, { recursive: true });
  const log = new AccessLog(options);
  for (const { name, bytes } of parts) {
    const file = createWriteStream(join(folder, name));
    const lines = chunksOf(log, bytes);
    await (name.endsWith(".gz") ? pipeline(lines, createGzip({ level: 1 }), file) : pipeline(lines, file));
  }
  return log.tally;
}

function* chunksOf(log: AccessLog, bytes: number): Generator<Buffer, void> {
  for (let left = bytes; left > 0;) {
    const chunk = log.next(Math.min(left, chunkBytes));
    left -= chunk.length;
    yield chunk;
  }
}

export interface NaiveCount {
  readonly hits: ReadonlyMap<string, number>;
  readonly badLines: number;
}

const wholeLine = /^\S+ \S+ \S+ \[[^\]]+\] "(?:GET|HEAD|POST) (?<path>\S+) HTTP\/1\.1" \d{3} \d+ "[^"]*" "[^"]*"$/;

/** A line is good when all of it is as the format says. */
export async function countNaively(files: readonly string[]): Promise<NaiveCount> {
  const hits = new Map<string, number>();
  let badLines = 0;
  for (const file of files) {
    const stored = createReadStream(file);
    const input = (file.endsWith(".gz") ? stored.pipe(createGunzip()) : stored).setEncoding("latin1");
    const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
    lines.on("line", (line) => {
      const path = wholeLine.exec(line)?.groups?.["path"];
      if (path === undefined) badLines += 1;
      else hits.set(path, (hits.get(path) ?? 0) + 1);
    });
    await once(lines, "close");
  }
  return { hits, badLines };
}
