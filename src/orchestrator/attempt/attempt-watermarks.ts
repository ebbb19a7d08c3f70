// Moves the watermarks of a job during one attempt. It never overwrites what a person changed since, never moves one
// while rows are being published, and never moves one past what an earlier attempt of the run may have published in its
// place.
import { MillraceError } from "../../core/errors/errors.ts";
import { isFullRefresh } from "../../core/job/full-refresh.ts";
import { sampleRowsOf } from "../../core/job/sample.ts";
import type { JobContext, JobWatermark } from "../../core/job/job-context.ts";
import { formatRunId } from "../../core/run-id.ts";
import {
  assertWatermarkName,
  assertWatermarkValue,
  compareWatermarks,
  defaultWatermark,
  type WatermarkValue,
} from "../../core/dataset/watermark.ts";
import type { CreateJobContextInput } from "./job-context-input.ts";

type AttemptWatermarksInput = Pick<CreateJobContextInput, "run" | "lease" | "yieldPoint">;

/** Remembered by a run that began to publish what it read from a watermark on. */
const publishingStep = "watermark:publishing";

/** `ctx.watermark` of one attempt. */
export class AttemptWatermarks {
  readonly #input: AttemptWatermarksInput;
  readonly #made = new Map<string, JobWatermark>();
  #publishing = 0;
  #hasPublishedUnmarked = false;
  #mark: Promise<boolean> | undefined;

  constructor(input: AttemptWatermarksInput) {
    this.#input = input;
  }

  readonly of: JobContext["watermark"] = (name = defaultWatermark) => {
    assertWatermarkName(name);
    let watermark = this.#made.get(name);
    if (watermark === undefined) {
      watermark = createWatermark(name, this.#input, () => this.#assertPublished(name));
      this.#made.set(name, watermark);
    }
    return watermark;
  };

  /** Leaves a mark first, so that a later attempt knows that what it publishes may be there already. */
  async whilePublishing<T>(publish: () => Promise<T>): Promise<T> {
    this.#publishing += 1;
    try {
      if (this.#made.size === 0) this.#hasPublishedUnmarked = true;
      else if (!(await this.#loadMark())) await this.#input.lease.saveStep(publishingStep, true);
      return await publish();
    } finally {
      this.#publishing -= 1;
    }
  }

  /** @returns whether an earlier attempt may have published, so that the end of what the run reads must have been fixed */
  async #assertPublished(name: string): Promise<boolean> {
    if (this.#publishing === 0) {
      return (this.#hasPublishedUnmarked && this.#input.run.epoch > 1) || (await this.#loadMark());
    }
    throw new MillraceError("VALUE_INVALID", `watermark \`${name}\` was moved while its rows were being published`, {
      hint: "await `ctx.data.publish` before `advance`, or a crash in between leaves rows out",
    });
  }

  // Looked at once, before this attempt leaves its own.
  #loadMark(): Promise<boolean> {
    return (this.#mark ??= this.#input.lease.loadStep(publishingStep).then((mark) => mark !== undefined));
  }
}

function createWatermark(
  name: string,
  { run, lease, yieldPoint }: AttemptWatermarksInput,
  assertPublished: () => Promise<boolean>,
): JobWatermark {
  const endStep = `watermark:end:${name}`;
  /** What the attempt knows of; 0 where there was none. */
  let seenVersion: number | undefined;
  let end: WatermarkValue | undefined;
  let last: Promise<unknown> = Promise.resolve();
  // One after the other, since each needs the version of the one before.
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    yieldPoint.assertOpen();
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  };
  const load = async (): Promise<WatermarkValue | undefined> => {
    const record = await lease.findWatermark(name);
    seenVersion = record?.version ?? 0;
    // a full refresh knows of nothing but what it has done itself
    return isFullRefresh(run.params) && record?.runId !== run.runId ? undefined : record?.value;
  };
  // What `readUpTo` saved is a watermark value.
  const loadEnd = async (): Promise<WatermarkValue | undefined> =>
    (end ??= (await lease.loadStep(endStep))?.value as WatermarkValue | undefined);
  return {
    load: async () => await inTurn(load),
    readUpTo: async (value) => {
      assertWatermarkValue(value);
      return await inTurn(async () => {
        if ((await loadEnd()) === undefined) await lease.saveStep(endStep, value);
        return (end ??= value);
      });
    },
    advance: async (value) => {
      assertWatermarkValue(value);
      // the rows of a sample are not those that a later run may leave out
      if (sampleRowsOf(run.params) !== undefined) return;
      const needsEnd = await assertPublished();
      await inTurn(async () => {
        const fixed = needsEnd ? await loadEnd() : end;
        if (needsEnd && fixed === undefined) throw mayLeaveRowsOut(name, formatRunId(run.runId));
        if (fixed !== undefined && compareWatermarks(value, fixed) > 0) throw beyondEnd(name, fixed, value);
        if (seenVersion === undefined) await load();
        const [moved] = await lease.advanceWatermarks([{ name, value, seenVersion: seenVersion ?? 0 }]);
        seenVersion = moved?.version;
      });
      yieldPoint.safePlace();
    },
  };
}

function mayLeaveRowsOut(name: string, run: string): MillraceError {
  const message = `watermark \`${name}\` cannot move: an earlier attempt of run \`${run}\` may have published fewer rows`;
  return new MillraceError("VALUE_INVALID", message, {
    hint: "let the job fix how far it reads with `readUpTo` before it reads; a new run reads again from where the watermark is",
  });
}

function beyondEnd(name: string, end: WatermarkValue, value: WatermarkValue): MillraceError {
  const message = `expected watermark \`${name}\` to stay within \`${end}\`, up to which this run reads, got: \`${value}\``;
  return new MillraceError("VALUE_INVALID", message);
}
