// A full refresh replaces all that is there, and a window is a part of it: both at once would leave the part alone.
import type { WriteMode } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { Window } from "../../core/schedule/window.ts";

/** What a run is asked for. */
export interface AskedRun {
  readonly isFullRefresh: boolean;
  readonly window?: Window | undefined;
}

/**
 * With the mode `replace`, every run replaces all rows by those of its window, so that nothing is lost that other runs would keep.
 * @throws MillraceError `PARAMS_INVALID` for a window whose rows would take the place of those of all time
 */
export function assertWholeRefresh({ isFullRefresh, window }: AskedRun, mode: WriteMode): void {
  if (!isFullRefresh || window === undefined || mode === "replace") return;
  const message = `a full refresh replaces all rows, and the run has a window, whose rows alone would be left, got: \`${window.from}\` to \`${window.to}\``;
  throw new MillraceError("PARAMS_INVALID", message, {
    hint: 'run `--full-refresh` without `--from` and `--to`; to fill the window again, run it without `--full-refresh`, with `mode: "merge"` or `"delete_insert"`',
  });
}
