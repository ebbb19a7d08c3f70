// When the jobs of a recording began to read: what has no other end is read up to then, and played up to the same instant.
import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { MillraceError } from "../../core/errors/errors.ts";

const fileName = "starts.json";

interface Start {
  readonly job: string;
  readonly at: string;
}

const startsSchema: z.ZodType<Start[]> = z.array(z.object({ job: z.string(), at: z.iso.datetime() }));

/** Writes each start at once: there is one for each run, and what is recorded is of use also when the process dies. */
export class RecordedStarts {
  readonly #file: string;
  readonly #starts: Start[] = [];

  constructor(folder: string) {
    this.#file = join(folder, fileName);
  }

  add(job: string, at: string): void {
    this.#starts.push({ job, at });
    writeFileSync(this.#file, `${JSON.stringify(this.#starts, undefined, 2)}\n`, { mode: 0o600 });
  }
}

/** Gives the starts of each job again in their order, at the end the last one. */
export class PlayedStarts {
  readonly #starts: Map<string, string[]>;

  constructor(starts: readonly Start[]) {
    this.#starts = new Map();
    for (const { job, at } of starts) this.#starts.set(job, [...(this.#starts.get(job) ?? []), at]);
  }

  /** `undefined` for a job that the recording does not know. */
  next(job: string): string | undefined {
    const starts = this.#starts.get(job) ?? [];
    return starts.length > 1 ? starts.shift() : starts[0];
  }
}

/** Nothing for a folder without such a file. @throws MillraceError `FORMAT_INVALID` */
export async function readStarts(folder: string): Promise<PlayedStarts> {
  const text = await readFile(join(folder, fileName), "utf8").catch(() => "[]");
  try {
    return new PlayedStarts(startsSchema.parse(JSON.parse(text)));
  } catch (cause) {
    throw new MillraceError("FORMAT_INVALID", `\`${fileName}\` does not say when the jobs of the recording began`, {
      hint: 'expected as `[{ "job": "orders", "at": "2026-01-31T00:00:00.000Z" }]`',
      cause,
    });
  }
}
