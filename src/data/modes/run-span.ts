// The part of time that a run is about: that of the units it reads, or else the window that it was given.
import type { SourceReading } from "../../core/dataset/source.ts";
import type { Window } from "../../core/schedule/window.ts";
import type { RunSpan } from "./row-rule.ts";

/** The same for all attempts of a run. */
export function spanOf(
  { reading }: { readonly reading?: Pick<SourceReading, "covers"> },
  { createdAtMs, window }: { readonly createdAtMs: number; readonly window?: Window },
): RunSpan {
  const given = window === undefined ? undefined : { windows: [window], timezone: "UTC" };
  return { timezone: "UTC", ...(reading?.covers ?? given), createdAtMs };
}
