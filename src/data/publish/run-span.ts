// The part of time that a run is about: that of the units it reads, or else the window that it was given.
import type { RunSpan } from "../row-rule.ts";
import type { NamedRequest } from "./named-request.ts";
import type { DataRun } from "./publish-scope.ts";

/** The same for all attempts of a run. */
export function spanOf(
  { reading }: Pick<NamedRequest, "reading">,
  { createdAtMs, window }: Pick<DataRun, "createdAtMs" | "window">,
): RunSpan {
  const given = window === undefined ? undefined : { windows: [window], timezone: "UTC" };
  return { timezone: "UTC", ...(reading?.covers ?? given), createdAtMs };
}
