// The side of a process on an executor that shares a bucket with the one that waits: it has a folder of its own, brings into it what its
// task reads, and puts all that it has done into one object.
import { mkdirSync, mkdtempSync, openAsBlob, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { Split } from "../../mapreduce/plan-splits.ts";
import type { Run } from "../../mapreduce/runs/run.ts";
import { type BucketRound, encodeHead, placeOf, readHead } from "./bucket-round.ts";
import { encodeAnswer, writeJson } from "./executor-files.ts";
import { type ExecutorTask, type MapPart, placesIn, type ReduceInput, type TaskAnswer } from "./executor-protocol.ts";
import type { ProcessPlace } from "./process-place.ts";
import { openObject, readInto, readText, writeObject } from "./signed-exchange.ts";

/** Parts of objects that are read at once. */
const parallel = 8;
/** What is read behind the end of a range first, for the line that lies across it. */
const tailBytes = 1 << 16;
const newline = 10;

/** @param address of the object of a round @throws MillraceError when it cannot be read here */
export async function openBucketPlace(address: string): Promise<ProcessPlace> {
  removeForgotten();
  const text = await readText(address);
  if (text === undefined) throw new MillraceError("SOURCE_UNREADABLE", "there is no such round");
  return new BucketPlace(JSON.parse(text) as BucketRound);
}

const prefix = "millrace-task-";
/** Longer than any task. */
const keptMs = 86_400_000;

/** Takes away what processes that were killed have left on this executor. */
function removeForgotten(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const path = join(tmpdir(), name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found !== undefined && Date.now() - found.mtimeMs > keptMs) rmSync(path, { recursive: true, force: true });
  }
}

class BucketPlace implements ProcessPlace {
  readonly folder: string = mkdtempSync(join(tmpdir(), prefix));
  readonly job: BucketRound["job"];
  readonly tasks: BucketRound["tasks"];
  readonly lease: string;
  readonly #round: BucketRound;
  readonly #paths = new Map<string, string>();

  constructor(round: BucketRound) {
    this.#round = round;
    ({ job: this.job, tasks: this.tasks, lease: this.lease } = round);
    mkdirSync(placesIn(this.folder).attempts);
  }

  async prepare(task: ExecutorTask): Promise<ExecutorTask> {
    if (task.stage === "reduce") {
      writeJson(placesIn(this.folder).runs, { runs: await this.#bringRuns(task.task) } satisfies ReduceInput);
      return task;
    }
    const parts: MapPart[] = [];
    for (const part of task.parts) parts.push(await this.#bringPart(part));
    return { ...task, parts };
  }

  /** A line is told by its number, which is counted from the start of the file. */
  async completes(task: ExecutorTask, { code }: MillraceError): Promise<boolean> {
    if (task.stage === "reduce" || !counted.has(code)) return false;
    let isMore = false;
    for (const part of task.parts) {
      if (!("split" in part) || part.split.start === 0 || part.split.file.codec !== undefined) continue;
      const { file, start } = part.split;
      await readInto(this.#pathOf(file.path), this.#inputOf(file.path), { from: 0, to: start, at: 0 });
      isMore = true;
    }
    return isMore;
  }

  async publish(task: number, answer: TaskAnswer): Promise<string> {
    const { name, text } = encodeAnswer(task, this.#asSeenThere(answer));
    const paths = filesOf(answer);
    const files = paths.map((path) => ({ path: this.#pathThere(path), bytes: statSync(path).size }));
    const head = encodeHead({ name, answer: text, files });
    const { answer: address } = this.#resultsOf(task);
    const blobs = await Promise.all(paths.map(async (path) => await openAsBlob(path)));
    if (await writeObject(address.write, new Blob([head, ...blobs]), "absent")) return name;
    // another attempt was first, or this one, whose answer got lost: what is there counts
    const chunks = openObject(address.read);
    try {
      return (await readHead(chunks)).head.name;
    } finally {
      await chunks.return();
    }
  }

  async fail(task: number, error: Parameters<ProcessPlace["fail"]>[1]): Promise<void> {
    const body = new Blob([JSON.stringify({ task, error })]);
    await writeObject(this.#resultsOf(Math.max(0, task)).failure, body);
  }

  clear(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #bringPart(part: MapPart): Promise<MapPart> {
    if ("rows" in part) {
      const path = this.#pathOf(part.rows);
      await readInto(path, this.#inputOf(part.rows), { from: 0, to: part.bytes, at: 0 });
      return { ...part, rows: path };
    }
    const { split } = part;
    const path = this.#pathOf(split.file.path);
    await this.#bringSplit(split, path);
    return { ...part, split: { ...split, file: { ...split.file, path } } };
  }

  /** What is in no range of this process stays a hole of its file. */
  async #bringSplit({ file, start, end }: Split, path: string): Promise<void> {
    const address = file.bytes === 0 ? "" : this.#inputOf(file.path);
    if (file.codec !== undefined) return await readInto(path, address, { from: 0, to: file.bytes, at: 0 });
    // the names of the columns, which are asked for in each range
    if (start > 1) await this.#bringLines(path, address, { from: 0, end: 1, bytes: file.bytes });
    await this.#bringLines(path, address, { from: Math.max(0, start - 1), end, bytes: file.bytes });
  }

  /** Brings all of the line that begins in front of `end` last. */
  async #bringLines(
    path: string,
    address: string,
    { from, end, bytes }: { readonly from: number; readonly end: number; readonly bytes: number },
  ): Promise<void> {
    let isWhole = false;
    const look = (chunk: Uint8Array, at: number): void => {
      const first = Math.max(0, end - 1 - at);
      isWhole ||= first < chunk.length && chunk.indexOf(newline, first) >= 0;
    };
    const most = Math.min(bytes, end + this.job.options.maxLineBytes + 2 * tailBytes);
    let to = Math.min(bytes, end + tailBytes);
    await readInto(path, address, { from, to, at: from }, look);
    for (let more = tailBytes; !isWhole && to < most; more *= 2) {
      const next = Math.min(most, to + more);
      await readInto(path, address, { from: to, to: next, at: to }, look);
      to = next;
    }
  }

  /** The runs that have something in a part, each with nothing but that. */
  async #bringRuns(part: number): Promise<readonly Run[]> {
    const { runs } = this.#round;
    const wanted = runs.filter(({ run }) => (run.offsets[part + 1] ?? 0) > (run.offsets[part] ?? 0));
    const brought: Run[] = [];
    for (let at = 0; at < wanted.length; at += parallel) {
      const some = wanted.slice(at, at + parallel).map(async ({ run, address, at: start }, index): Promise<Run> => {
        const path = join(this.folder, `run-${at + index}`);
        const [from, to] = [run.offsets[part] ?? 0, run.offsets[part + 1] ?? 0];
        await readInto(path, address, { from: start + from, to: start + to, at: 0 });
        const offsets = run.offsets.map((offset) => Math.min(Math.max(offset - from, 0), to - from));
        return { ...run, place: path, offsets };
      });
      brought.push(...(await Promise.all(some)));
    }
    return brought;
  }

  #pathOf(path: string): string {
    const known = this.#paths.get(path);
    if (known !== undefined) return known;
    const place = join(this.folder, `input-${this.#paths.size}`);
    this.#paths.set(path, place);
    return place;
  }

  #inputOf(path: string): string {
    const address = this.#round.inputs[path];
    if (address !== undefined) return address;
    throw new MillraceError("INTERNAL", `a round has no address of \`${path}\``);
  }

  #resultsOf(task: number): BucketRound["results"][number] {
    const place = this.tasks.findIndex((one) => one.task === task);
    const results = this.#round.results[Math.max(0, place)];
    if (results === undefined) throw new MillraceError("INTERNAL", `a round has no address for task ${task}`);
    return results;
  }

  #pathThere(path: string): string {
    return join(this.#round.folder, relative(this.folder, path));
  }

  #asSeenThere(answer: TaskAnswer): TaskAnswer {
    if (answer.stage === "reduce") {
      return { ...answer, reduced: { ...answer.reduced, file: this.#pathThere(answer.reduced.file) } };
    }
    const move = (run: Run): Run => ({ ...run, place: this.#pathThere(placeOf(run)) });
    const results = answer.results.map(({ index, mapped }) => ({
      index,
      mapped: { ...mapped, runs: mapped.runs.map(move) },
    }));
    return { ...answer, results };
  }
}

/** Errors that name a line. */
const counted: ReadonlySet<string> = new Set(["MAP_FAILED", "RECORD_INVALID", "RECORD_TOO_LARGE"]);

function filesOf(answer: TaskAnswer): readonly string[] {
  if (answer.stage === "reduce") return [answer.reduced.file];
  return answer.results.flatMap(({ mapped }) => mapped.runs.map(placeOf));
}
