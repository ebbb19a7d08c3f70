// Maps and reduces texts of tests in a folder of its own, in this thread or in others.
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MapInput, MapReduced, MapReduceOptions } from "../../../src/compute/mapreduce/map-reduce-options.ts";
import { runMapReduce } from "../../../src/compute/mapreduce/map-reduce.ts";
import type { MapFile } from "../../../src/compute/mapreduce/plan-splits.ts";
import type { LaunchMapThread } from "../../../src/compute/mapreduce/threads/thread-protocol.ts";
import { createLocalLauncher, type LocalIsolate } from "../../../src/platforms/local/local-launcher.ts";
import { runOnExecutors } from "../../../src/compute/spark/executors/run-on-executors.ts";
import type { TaskStarter } from "../../../src/compute/spark/executors/executors.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { type MapCodeName, mapCodes } from "./map-codes.ts";
import { ProcessTasks } from "./process-tasks.ts";

export type MapSceneOptions = Partial<
  Pick<MapReduceOptions, "memoryBytes" | "maxLineBytes" | "bad" | "arePairs" | "signal" | "onProgress" | "splitBytes">
> & {
  /** 0 for this thread. */
  readonly threads?: number;
};

export type ProcessSceneOptions = Omit<MapSceneOptions, "threads"> & {
  readonly tasks?: ProcessTasks;
  /** How processes share what they work with, when not in a folder. */
  readonly share?: (tasks: TaskStarter, folder: string) => Promise<TaskStarter>;
};

/** What came out, in the order in which it did; pairs are not read here. */
export interface MapSceneResult extends MapReduced {
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

export class MapScene implements AsyncDisposable {
  readonly root: string;
  /** Threads that were started. */
  readonly threads: LocalIsolate[] = [];

  private constructor(root: string) {
    this.root = root;
  }

  static async create(): Promise<MapScene> {
    return new MapScene(await mkdtemp(join(tmpdir(), "millrace-map-")));
  }

  /** Writes a file, packed as its name says. */
  async file(name: string, content: string | Uint8Array): Promise<MapFile> {
    const path = join(this.root, name);
    await writeFile(path, content);
    const bytes = typeof content === "string" ? Buffer.byteLength(content) : content.length;
    const codec = name.endsWith(".gz") ? "gzip" : name.endsWith(".zst") ? "zstd" : undefined;
    return { path, name, bytes, ...(codec === undefined ? {} : { codec }) };
  }

  /** A folder that runs and rows go to. */
  async folder(): Promise<string> {
    const folder = join(this.root, "work");
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    return folder;
  }

  async run(
    code: MapCodeName,
    input: readonly MapFile[] | MapInput,
    { threads = 0, ...options }: MapSceneOptions = {},
    folder?: string,
  ): Promise<MapSceneResult> {
    const reduced = await runMapReduce({
      ...this.#optionsOf(code),
      input: "length" in input ? { files: input } : input,
      threads: Math.max(1, threads),
      launch: threads === 0 ? undefined : this.#launch(code),
      folder: folder ?? (await this.folder()),
      ...options,
    });
    return await withLines(reduced);
  }

  /** The same in processes, as on executors. */
  async runInProcesses(
    code: MapCodeName,
    input: readonly MapFile[] | MapInput,
    { tasks = new ProcessTasks(), share, ...options }: ProcessSceneOptions = {},
  ): Promise<MapSceneResult> {
    const folder = await this.folder();
    const reduced = await runOnExecutors(
      {
        ...this.#optionsOf(code),
        input: "length" in input ? { files: input } : input,
        folder,
        ...options,
      },
      { open: async () => (share === undefined ? tasks : await share(tasks, folder)), clock: createSystemClock() },
    );
    return await withLines(reduced);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }

  #optionsOf(code: MapCodeName): Omit<MapReduceOptions, "input" | "folder"> {
    return {
      code: { ...mapCodes[code], job: code },
      memoryBytes: 16_000_000,
      threads: 1,
      inlineBytes: 0,
      maxLineBytes: 1_000_000,
      bad: { most: 0, isKept: false },
      signal: new AbortController().signal,
      onProgress: () => undefined,
    };
  }

  #launch(code: MapCodeName): LaunchMapThread {
    const launcher = createLocalLauncher({ entry: new URL("./map-code-thread.ts", import.meta.url) });
    return (onMessage) => {
      const thread = launcher.launch({ mode: "thread", name: `map ${code}`, onMessage });
      this.threads.push(thread);
      thread.send({ code });
      return { send: (message) => thread.send(message), kill: () => thread.kill("now"), ended: thread.ended };
    };
  }
}

async function withLines(reduced: MapReduced): Promise<MapSceneResult> {
  if (reduced.arePairs) return { ...reduced, lines: [] };
  const texts = await Promise.all(reduced.files.map(async (path) => await readFile(path, "utf8")));
  const lines = texts.flatMap((text) => text.trimEnd().split("\n"));
  return { ...reduced, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}
