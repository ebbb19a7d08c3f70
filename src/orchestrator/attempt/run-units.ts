// `ctx.each`: the outcome of each item is durable before it counts, so that another attempt does only what is not done.
import { classifyError } from "../../core/errors/classify-error.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { EachOptions, EachResult } from "../../core/job/job-context.ts";
import type { UnitRecord } from "../../store/rows/run-records.ts";
import { unexpected } from "./assert-argument.ts";
import { BatchWriter } from "./batch-writer.ts";

export interface UnitStore {
  load(): Promise<readonly UnitRecord[]>;
  save(units: readonly UnitRecord[]): Promise<void>;
}

export interface RunUnitsInput<Item> {
  readonly items: Iterable<Item> | AsyncIterable<Item>;
  readonly options: EachOptions<Item>;
  readonly work: (item: Item) => Promise<void>;
  readonly store: UnitStore;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number) => void;
  /** Called before an item is pulled, and waited for when it says so; what it throws ends the work between two items. */
  readonly beforeEach: () => Promise<void> | undefined;
}

/**
 * Works through the items with `concurrency` at once; items are pulled as slots get free, so memory does not grow with them.
 * @throws MillraceError `UNITS_FAILED` at the first failed item unless `onItemError` is `continue`
 */
export async function runUnits<Item>(input: RunUnitsInput<Item>): Promise<EachResult> {
  const { options, work, store, signal } = input;
  const concurrency = options.concurrency ?? 1;
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new MillraceError(
      "VALUE_INVALID",
      `expected \`concurrency\` to be a positive integer, got: \`${concurrency}\``,
    );
  }
  const finished = new Set((await store.load()).filter((unit) => unit.state === "done").map((unit) => unit.key));
  const writer = new BatchWriter<UnitRecord, void>(async (units) => {
    await store.save(units);
    return units.map(() => undefined);
  });
  const seen = new Set<string>();
  const failures: { key: string; message: string }[] = [];
  let done = 0;
  let skipped = 0;

  const runOne = async (item: Item): Promise<void> => {
    const key = keyOf(options, item);
    if (seen.has(key)) throw duplicateKey(key);
    seen.add(key);
    if (finished.has(key)) skipped += 1;
    else {
      const unit = await attemptUnit(key, () => work(item));
      if (unit.error !== undefined) failures.push({ key, message: unit.error.message });
      await writer.write(unit.record);
      if (unit.error !== undefined && options.onItemError !== "continue") throw unitFailed(key, unit.error);
      if (unit.error !== undefined) return;
    }
    done += 1;
    input.onProgress(done);
  };

  const beforeEach = async (): Promise<void> => {
    signal.throwIfAborted();
    const pause = input.beforeEach();
    if (pause === undefined) return;
    await pause;
    signal.throwIfAborted();
  };
  await forEachConcurrently(input.items, concurrency, beforeEach, runOne);
  return { done, skipped, failures };
}

// A number would be remembered as text, and looked for as a number by the next attempt.
function keyOf<Item>(options: EachOptions<Item>, item: Item): string {
  const key: unknown = options.key(item);
  if (typeof key === "string") return key;
  throw unexpected("key of ctx.each", "a function that gives a text for each item", key, "convert it with `String(…)`");
}

async function attemptUnit(
  key: string,
  work: () => Promise<void>,
): Promise<{ record: UnitRecord; error: MillraceError | undefined }> {
  try {
    await work();
    return { record: { key, state: "done" }, error: undefined };
  } catch (thrown) {
    const error = classifyError(thrown);
    // A lost or stopped run says nothing about its item.
    if (error.origin === "millrace") throw error;
    return { record: { key, state: "failed", error: error.message }, error };
  }
}

// Several loops share one iterator; the first failure stops all of them from pulling more.
async function forEachConcurrently<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  concurrency: number,
  beforeEach: () => Promise<void>,
  run: (item: Item) => Promise<void>,
): Promise<void> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let failed = false;
  const loop = async (): Promise<void> => {
    try {
      while (!failed) {
        await beforeEach();
        const next = await iterator.next();
        if (next.done === true) return;
        await run(next.value);
      }
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  const results = await Promise.allSettled(Array.from({ length: concurrency }, loop));
  const rejected = results.find((result) => result.status === "rejected");
  if (rejected === undefined) return;
  await iterator.return?.();
  throw rejected.reason;
}

function unitFailed(key: string, error: MillraceError): MillraceError {
  const delay = error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs };
  return new MillraceError("UNITS_FAILED", `item \`${key}\` failed: ${error.message}`, {
    disposition: error.disposition,
    cause: error,
    ...delay,
  });
}

function duplicateKey(key: string): MillraceError {
  return new MillraceError("VALUE_INVALID", `expected \`key\` to be unique among the items, got twice: \`${key}\``);
}
