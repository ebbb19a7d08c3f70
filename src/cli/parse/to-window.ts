// `--from` and `--to`: the window of a run.
import { MillraceError } from "../../core/errors/errors.ts";
import { parseWindow, type Window } from "../../core/schedule/window.ts";

/** @throws MillraceError `USAGE_INVALID` for one without the other, `VALUE_INVALID` */
export function toWindow({ from, to }: { readonly from?: string; readonly to?: string }): Window | undefined {
  if (from === undefined && to === undefined) return undefined;
  if (from !== undefined && to !== undefined) return parseWindow(from, to);
  throw new MillraceError("USAGE_INVALID", "expected `--from` and `--to` together");
}
