// What tests of jobs and of streams have in common: a worker in a folder of its own, with files and exchanges that the test gives.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { ExchangeTape } from "../connections/http/exchange-tape.ts";
import { playExchanges } from "../connections/tape/play-exchanges.ts";
import { recordExchanges } from "../connections/tape/record-exchanges.ts";
import { resolveInProject } from "../project/project.ts";
import type { TestClock } from "./test-clock.ts";
import type { TestProjectOptions } from "./test-options.ts";
import { createTestWorker, type TestWorker } from "./test-worker.ts";

/** Open until it is closed. */
export interface TestWorld {
  readonly worker: TestWorker;
  /** Writes files of the project, by their path. */
  readonly write: (files: Readonly<Record<string, string | Uint8Array>>) => Promise<void>;
  /** Removes all that it left, and completes a recording. */
  readonly close: () => Promise<void>;
}

/** @throws MillraceError `VALUE_INVALID` */
export async function openTestWorld(options: TestProjectOptions, clock: TestClock): Promise<TestWorld> {
  const { files = {}, connections = {} } = options;
  const { tape, close } = await openTape(options);
  const worker = await createTestWorker(clock, connections, tape);
  const write: TestWorld["write"] = (more) => writeFiles(worker.root, more);
  try {
    await write(files);
  } catch (error) {
    await worker[Symbol.asyncDispose]();
    throw error;
  }
  return {
    worker,
    write,
    close: async () => {
      await worker[Symbol.asyncDispose]();
      await close();
    },
  };
}

async function openTape({ playback, record }: TestProjectOptions): Promise<{
  readonly tape: ExchangeTape | undefined;
  readonly close: () => Promise<void>;
}> {
  const nothing = (): Promise<void> => Promise.resolve();
  if (playback !== undefined) return { tape: await playExchanges(playback), close: nothing };
  if (record === undefined) return { tape: undefined, close: nothing };
  const recorder = await recordExchanges(record);
  return { tape: recorder, close: async () => await recorder[Symbol.asyncDispose]() };
}

async function writeFiles(root: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = resolveInProject(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}
