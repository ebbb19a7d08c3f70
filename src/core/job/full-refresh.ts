// A full refresh is a run that works as if its jobs had never run: it reads from the beginning, and what it publishes takes
// the place of all rows and columns that are there. It is said by a param that no job can declare, so that it goes wherever
// params go: to the jobs of a pipeline, to retries and reruns, into the history and over the API.

/** True in the params of a run that is one. */
export const fullRefreshParam = "$full_refresh";

/** Why a watermark is where such a run has set it, in its history. */
export const fullRefreshReason = "full refresh";

/** Tells whether a run with these params is a full refresh. */
export function isFullRefresh(params: unknown): boolean {
  return (
    typeof params === "object" && params !== null && fullRefreshParam in params && params[fullRefreshParam] === true
  );
}
