// Which files a log names, as far as it can be read: a damaged table must be possible to delete.
import { isAbsolute, relative, sep } from "node:path";
import type { EngineSession } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { toAction } from "../log/delta-action-shape.ts";
import type { Action } from "../log/delta-actions.ts";
import { passingCodes, readCheckpointActions } from "../log/delta-checkpoint.ts";
import { toFilePath } from "../log/delta-path.ts";
import { logPathsOf } from "../vectors/vector-path.ts";

/** The files of a log. */
export interface LogParts {
  readonly paths: readonly string[];
  readText(path: string): Promise<string>;
}

/** Names below the table, with `/`, of all files that any readable part of the log adds or removes. */
export async function listNamedFiles(
  session: EngineSession,
  tablePath: string,
  log: LogParts,
): Promise<ReadonlySet<string>> {
  const files = new Set<string>();
  for (const path of log.paths) {
    for (const { add, remove } of await readActions(session, path, log)) {
      const named = add ?? remove;
      for (const logPath of named ? logPathsOf(named) : []) {
        const file = toPlace(tablePath, logPath);
        if (file !== undefined) files.add(file);
      }
    }
  }
  return files;
}

async function readActions(session: EngineSession, path: string, log: LogParts): Promise<readonly Action[]> {
  if (path.endsWith(".json")) return (await log.readText(path)).split("\n").flatMap((line) => readAction(line, path));
  if (!path.endsWith(".parquet")) return [];
  try {
    return await readCheckpointActions(session, [path]);
  } catch (error) {
    if (error instanceof MillraceError && !passingCodes.has(error.code)) return [];
    throw error;
  }
}

function readAction(line: string, path: string): Action[] {
  try {
    return [toAction(JSON.parse(line), path)];
  } catch {
    return []; // a torn line, or an empty one
  }
}

/** Where a file of the log is in the table's folder, with `/`; a log may name files of other tables, which are theirs. */
function toPlace(tablePath: string, logPath: string): string | undefined {
  try {
    const place = relative(tablePath, toFilePath(tablePath, logPath));
    return place === "" || isAbsolute(place) || place.split(sep)[0] === ".." ? undefined : place.split(sep).join("/");
  } catch {
    return undefined; // in another store or outside of the table
  }
}
