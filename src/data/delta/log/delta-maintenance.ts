// Tells commits that change rows from those that only move them from file to file, as compaction does: a version and the one that
// such a commit makes of it hold the same rows.
import type { Action, CommitInfo } from "./delta-actions.ts";
import { readCommit } from "./delta-log.ts";

/**
 * The last version that holds the rows of `version`: all commits up to it have only moved them.
 * @param schemaString of the version; a commit that gives the table another one changes it
 */
export async function lastMaintained(
  tablePath: string,
  version: number,
  schemaString: string | undefined,
): Promise<number> {
  let last = version;
  for (;;) {
    const actions = await readCommit(tablePath, last + 1);
    if (actions === undefined || !actions.every((action) => movesRowsOnly(action, schemaString))) return last;
    last += 1;
  }
}

export interface RowChange {
  readonly version: number;
  readonly info: CommitInfo;
}

/** The newest commit up to `version` that did more than move rows; `undefined` when the log does not reach back to it. */
export async function findLastChange(tablePath: string, version: number): Promise<RowChange | undefined> {
  for (let at = version; at >= 0; at -= 1) {
    const actions = await readCommit(tablePath, at);
    if (actions === undefined) return undefined;
    const info = actions.find((action) => action.commitInfo)?.commitInfo ?? {};
    if (info.millrace !== undefined || !actions.every((action) => movesRowsOnly(action, undefined)))
      return { version: at, info };
  }
  return undefined;
}

function movesRowsOnly({ add, remove, metaData }: Action, schemaString: string | undefined): boolean {
  if (metaData && metaData.schemaString !== schemaString) return false;
  return [add, remove].every((file) => !file || file.dataChange === false);
}
