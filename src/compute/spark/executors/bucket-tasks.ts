// Has processes on executors share a bucket with this one, where there is no folder that both see: what they read goes there before a round,
// and what they have done comes from there into the folder, as if they had left it there. They get addresses that are signed for single
// objects, and no key.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { retryTransient } from "../../../connections/files/retry-transient.ts";
import { findBucket } from "../../../connections/s3/find-bucket.ts";
import type { S3Service } from "../../../connections/s3/s3-service.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { Run } from "../../mapreduce/runs/run.ts";
import { createBucketFolder } from "../cluster/bucket-folder.ts";
import type { BucketPlace, SharedFolder } from "../cluster/shared-folder.ts";
import { type AttemptHead, type BucketRound, type BucketRun, placeOf, readHead, stopWord } from "./bucket-round.ts";
import { putAnswer, readJson, taskOf, writeAnswer } from "./executor-files.ts";
import {
  type ExecutorJob,
  type ExecutorTask,
  placesIn,
  type ReduceInput,
  type TaskFailure,
} from "./executor-protocol.ts";
import type { TaskRound, TaskStarter } from "./executors.ts";

/** A day of work would be too much for one statement. */
const signedSeconds = 12 * 3_600;
const watchMs = 2_000;
const keptMs = 7 * 86_400_000;
const parallel = 8;
const prefix = "map-reduce-";

export interface BucketTasksOptions {
  readonly place: BucketPlace;
  /** Of this process alone, where the work is. */
  readonly folder: string;
  /** Key of the run: what its earlier attempts have left is removed. */
  readonly run: string;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** @param starter is closed with what this returns, or when it fails @throws MillraceError what the service of the bucket refuses */
export async function shareThroughBucket(starter: TaskStarter, options: BucketTasksOptions): Promise<TaskStarter> {
  try {
    const { place, folder, run, nowMs, signal } = options;
    const shared = createBucketFolder({ ...place, spool: folder, signal });
    await shared.open((name) => name.startsWith(`${prefix}${run}-`), Number.POSITIVE_INFINITY);
    await shared.open((name) => name.startsWith(prefix), nowMs - keptMs);
    return new BucketTasks(starter, { bucket: await findBucket(place.connection), shared, ...options });
  } catch (error) {
    await starter[Symbol.asyncDispose]();
    throw error;
  }
}

interface Parts extends BucketTasksOptions {
  readonly bucket: S3Service;
  readonly shared: SharedFolder;
}

/** Where a file of an attempt is: a range of an object. */
interface FileInObject {
  readonly key: string;
  readonly at: number;
  readonly bytes: number;
}

class BucketTasks implements TaskStarter {
  readonly files: TaskStarter["files"];
  readonly place: string;
  readonly #starter: TaskStarter;
  readonly #parts: Parts;
  readonly #name: string;
  /** Addresses of what is mapped, by paths here. */
  readonly #inputs = new Map<string, string>();
  readonly #runs = new Map<string, FileInObject>();
  readonly #told = new Set<string>();

  constructor(starter: TaskStarter, parts: Parts) {
    this.files = starter.files;
    this.#starter = starter;
    this.#parts = parts;
    // unlike that of any other attempt
    this.#name = `${prefix}${parts.run}-${basename(parts.folder).replace(`${prefix}${parts.run}-`, "")}`;
    this.place = `${parts.place.address}/${this.#name}`;
  }

  async *start(round: TaskRound, signal: AbortSignal): AsyncGenerator<string, void> {
    await this.#renew();
    const address = await this.#describe(round, signal);
    const over = new AbortController();
    const watching = this.#watch(round, over.signal).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    try {
      yield* this.#starter.start({ ...round, address }, signal);
    } catch (error) {
      over.abort();
      await watching;
      // what ended well counts; that Spark fails is the error to tell
      if (!signal.aborted) await this.#pull(round).catch(() => undefined);
      throw error;
    } finally {
      over.abort();
      await watching;
    }
    const lost = await watching;
    if (lost !== undefined) throw lost.error;
    await this.#pull(round);
  }

  sizeOf(path: string): number | undefined {
    return this.#runs.get(path)?.bytes;
  }

  async untilFree(signal: AbortSignal): Promise<void> {
    await this.#renew();
    await this.#starter.untilFree(signal);
  }

  /** Processes that are still there end when they find nothing any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#starter[Symbol.asyncDispose]();
    await this.#parts.shared.remove(this.#name).catch(() => undefined);
  }

  /** Puts what processes of a round need into the bucket. @returns where they are told of it */
  async #describe({ folder, round }: TaskRound, signal: AbortSignal): Promise<string> {
    const places = placesIn(folder);
    const tasks = readJson<readonly ExecutorTask[]>(places.tasks(round));
    const inputs = await this.#putInputs(tasks, signal);
    const results = tasks.map(async ({ task }) => ({
      answer: {
        read: await this.#sign("GET", this.#answerOf(round, task)),
        write: await this.#sign("PUT", this.#answerOf(round, task)),
      },
      failure: await this.#sign("PUT", this.#key(`${round}/failures/${task}`)),
    }));
    const described: BucketRound = {
      folder,
      job: readJson<ExecutorJob>(places.job),
      tasks,
      lease: await this.#sign("GET", this.#key("lease")),
      inputs,
      runs: tasks.some(({ stage }) => stage === "reduce")
        ? await this.#findRuns(readJson<ReduceInput>(places.runs).runs)
        : [],
      results: await Promise.all(results),
    };
    await this.#putText(`${round}/round.json`, JSON.stringify(described));
    return await this.#sign("GET", this.#key(`${round}/round.json`));
  }

  async #putInputs(tasks: readonly ExecutorTask[], signal: AbortSignal): Promise<Record<string, string>> {
    const parts = tasks.flatMap((task) => (task.stage === "map" ? task.parts : []));
    const paths = new Set<string>();
    for (const part of parts) {
      if ("rows" in part) paths.add(part.rows);
      // there is nothing to read in an empty one
      else if (part.split.file.bytes > 0) paths.add(part.split.file.path);
    }
    const fresh = [...paths].filter((path) => !this.#inputs.has(path));
    for (let at = 0; at < fresh.length; at += parallel) {
      await Promise.all(
        fresh.slice(at, at + parallel).map(async (path, index) => {
          const key = this.#key(`input/${this.#inputs.size + index}`);
          await this.#parts.bucket.upload(path, key, { owner: "spark", signal });
          return [path, key] as const;
        }),
      ).then((put) => put.forEach(([path, key]) => this.#inputs.set(path, key)));
    }
    const signed = [...paths].map(
      async (path) => [path, await this.#sign("GET", this.#inputs.get(path) ?? "")] as const,
    );
    return Object.fromEntries(await Promise.all(signed));
  }

  async #findRuns(runs: readonly Run[]): Promise<readonly BucketRun[]> {
    const addresses = new Map<string, Promise<string>>();
    return await Promise.all(
      runs.map(async (run) => {
        const place = placeOf(run);
        const found = this.#runs.get(place);
        if (found === undefined) throw new MillraceError("INTERNAL", `a run is in no object: \`${place}\``);
        const address = addresses.get(found.key) ?? this.#sign("GET", found.key);
        addresses.set(found.key, address);
        return { run, address: await address, at: found.at };
      }),
    );
  }

  async #watch(round: TaskRound, over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      await this.#renew();
      await this.#pull(round);
      await sleep(watchMs, undefined, { signal: over }).catch(() => undefined);
    }
  }

  /** Says in the bucket what the folder says: that somebody waits, or that all is to end. */
  async #renew(): Promise<void> {
    const { lease, stop } = placesIn(this.#parts.folder);
    await this.#putText("lease", existsSync(stop) ? stopWord : readFileSync(lease, "utf8"));
  }

  /** Brings answers and failures that were not here yet. */
  async #pull({ round }: TaskRound): Promise<void> {
    const { bucket, folder } = this.#parts;
    const root = this.#key(`${round}/`);
    for await (const { path } of bucket.listPrefix(root, {})) {
      if (this.#told.has(path)) continue;
      const [kind, task] = path.slice(root.length).split("/");
      if (kind === "failures") {
        const text = (await bucket.read(path, undefined, {}))?.text;
        if (text === undefined) continue;
        writeAnswer(placesIn(folder).failures(round), taskOf(task ?? ""), JSON.parse(text) as TaskFailure);
      } else if (kind === "answers") {
        await retryTransient(() => this.#pullAnswer(path, round), {});
      }
      this.#told.add(path);
    }
  }

  async #pullAnswer(key: string, round: string): Promise<void> {
    const { bucket, folder } = this.#parts;
    const body = await bucket.open(key, {});
    if (body === undefined) return;
    const chunks = body[Symbol.asyncIterator]();
    try {
      const { head, at, more } = await readHead(chunks);
      if (round.startsWith("reduce")) await this.#pullRows(head, more, chunks);
      let next = at;
      for (const { path, bytes } of head.files) {
        this.#runs.set(path, { key, at: next, bytes });
        next += bytes;
      }
      putAnswer(placesIn(folder).answers(round), head.name, head.answer);
    } finally {
      await chunks.return?.();
    }
  }

  /** Rows of a part are read here. */
  async #pullRows({ files }: AttemptHead, more: Uint8Array, chunks: AsyncIterator<Uint8Array>): Promise<void> {
    let rest = more;
    for (const { path, bytes } of files) {
      if (!path.startsWith(`${placesIn(this.#parts.folder).attempts}/`)) throw outside(path);
      mkdirSync(dirname(path), { recursive: true });
      await using file = await open(path, "w");
      for (let left = bytes; left > 0;) {
        if (rest.length === 0) {
          const { done, value } = await chunks.next();
          if (done === true)
            throw new MillraceError("SOURCE_UNREADABLE", "rows of an executor end too early", { disposition: "retry" });
          rest = value;
        }
        const part = rest.subarray(0, left);
        await file.writeFile(part);
        rest = rest.subarray(part.length);
        left -= part.length;
      }
    }
  }

  async #putText(name: string, text: string): Promise<void> {
    const path = join(this.#parts.folder, `.${name.replaceAll("/", "-")}`);
    await writeFile(path, text);
    await this.#parts.bucket.upload(path, this.#key(name), { owner: "spark" });
  }

  async #sign(method: "GET" | "PUT", key: string): Promise<string> {
    return await this.#parts.bucket.sign(method, key, signedSeconds);
  }

  #answerOf(round: string, task: number): string {
    return this.#key(`${round}/answers/${task}`);
  }

  #key(name: string): string {
    const { key } = this.#parts.place;
    return `${key === "" ? "" : `${key}/`}${this.#name}/${name}`;
  }
}

function outside(path: string): MillraceError {
  return new MillraceError("INTERNAL", `a process on an executor tells of a file elsewhere: \`${path}\``);
}
