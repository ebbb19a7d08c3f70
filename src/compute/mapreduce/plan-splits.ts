// Cuts files into byte ranges that are worked through one by one. A line belongs to the range that it starts in.
const leastSplitBytes = 16 << 20;
const mostSplitBytes = 128 << 20;

/** A file that is read. */
export interface MapFile {
  /** Absolute. */
  readonly path: string;
  /** What people call it. */
  readonly name: string;
  readonly bytes: number;
  /** How it is packed; such a file is read as a whole. */
  readonly codec?: "gzip" | "zstd";
}

/** A range of a file: lines that start at `start` or behind it, and before `end`. */
export interface Split {
  readonly index: number;
  readonly file: MapFile;
  readonly start: number;
  readonly end: number;
}

/** About four ranges for each thread, none too small to be worth its start. */
export function planSplits(files: readonly MapFile[], threads: number, splitBytes?: number): readonly Split[] {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const usual = Math.min(mostSplitBytes, Math.max(leastSplitBytes, Math.ceil(total / (threads * 4))));
  const wanted = splitBytes ?? usual;
  const splits: Split[] = [];
  for (const file of files) {
    const count = file.codec === undefined ? Math.max(1, Math.round(file.bytes / wanted)) : 1;
    for (let part = 0; part < count; part += 1) {
      const start = Math.floor((file.bytes * part) / count);
      const end = part + 1 === count ? file.bytes : Math.floor((file.bytes * (part + 1)) / count);
      splits.push({ index: splits.length, file, start, end });
    }
  }
  return splits;
}
