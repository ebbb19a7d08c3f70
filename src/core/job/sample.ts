// A sample is a run that looks at a few rows: it reads no more than it needs for them, publishes them beside the datasets of its
// jobs and moves no watermark. As a full refresh, it is said by a param that no job can declare.
import { MillraceError } from "../errors/errors.ts";
import { replayParam } from "../stream/replay-param.ts";
import { fullRefreshParam } from "./full-refresh.ts";

/** How many rows are wanted, in the params of a run that is one. */
export const limitParam = "$limit";

/** More rows are no sample. */
export const maxSampleRows = 1_000_000;

/** The number of rows that a run with these params is to read of each source; `undefined` for one that is no sample. */
export function sampleRowsOf(params: unknown): number | undefined {
  const value = typeof params === "object" && params !== null && limitParam in params ? params[limitParam] : undefined;
  return isRowCount(value) ? value : undefined;
}

/** The dataset that the rows of a sample go to, in the place of another. */
export function sampleDataset(dataset: string): string {
  return `${dataset.slice(0, 100 - sampleEnd.length)}${sampleEnd}`;
}

/** The params that jobs may declare. */
export function withoutRunOptions<T>(params: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  const { [fullRefreshParam]: _refresh, [limitParam]: _limit, [replayParam]: _replay, ...others } = params;
  return others;
}

/** @throws MillraceError `PARAMS_INVALID` for a number of rows that is none, and for jobs whose rows are credentials or that send something */
export function assertSample(
  params: Readonly<Record<string, unknown>>,
  jobs: readonly { readonly name: string; readonly purpose?: string | undefined }[],
): void {
  if (!(limitParam in params)) return;
  if (!isRowCount(params[limitParam])) {
    const message = `expected \`${limitParam}\` to be a whole number of rows from 1 to ${maxSampleRows}`;
    throw new MillraceError("PARAMS_INVALID", `${message}, got: \`${String(params[limitParam])}\``);
  }
  const sending = jobs.find(({ purpose }) => purpose === "egression" || purpose === "initiation");
  if (sending !== undefined) {
    const message = `job \`${sending.name}\` sends what changes something elsewhere, of which there is no sample`;
    throw new MillraceError("PARAMS_INVALID", message, { hint: "run it without a limit, or look at `millrace plan`" });
  }
  const job = jobs.find(({ purpose }) => purpose === "authentication");
  if (job === undefined) return;
  throw new MillraceError("PARAMS_INVALID", `job \`${job.name}\` publishes credentials, of which no sample is shown`, {
    hint: "run it without a limit",
  });
}

const sampleEnd = "__sample";

function isRowCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= maxSampleRows;
}
