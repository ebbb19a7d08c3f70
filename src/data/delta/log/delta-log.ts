// The commits of a Delta table: numbered JSON files that appear whole or not at all, and each number once.
import { join } from "node:path";
import { MillraceError } from "../../../core/errors/errors.ts";
import { assertWholeCommit, toAction } from "./delta-action-shape.ts";
import type { Action, CommitInfo } from "./delta-actions.ts";
import type { PutIfAbsent } from "../store/table-files.ts";
import { tableFilesOf } from "../store/table-files-of.ts";

/** What the log folder holds, in ascending order of version. */
export interface LogListing {
  readonly commits: readonly number[];
  /** Checkpoints of which every part is there; one version may have several. */
  readonly checkpoints: readonly LogCheckpoint[];
}

export interface LogCheckpoint {
  readonly version: number;
  /** Absolute paths, or recorded ones behind a connection, of its parts, which are Parquet, or of one file of JSON. */
  readonly files: readonly string[];
}

export function logFolder(tablePath: string): string {
  return join(tablePath, logFolderName);
}

/** Lists the log; a folder that is not there is an empty log. */
export async function listLog(tablePath: string): Promise<LogListing> {
  const folder = logFolder(tablePath);
  const names = await tableFilesOf(tablePath).list(logFolderName);
  const commits: number[] = [];
  const parts = new Map<string, { version: number; total: number; files: string[] }>();
  for (const name of names.toSorted((a, b) => (a < b ? -1 : 1))) {
    const found = logName.exec(name)?.groups;
    if (found === undefined) continue;
    const version = Number(found["version"]);
    if (found["commit"] !== undefined) commits.push(version);
    else {
      const total = Number(found["total"] ?? 1);
      const key = `${version}/${total}/${found["uuid"] ?? ""}`;
      const part = parts.get(key) ?? { version, total, files: [] };
      part.files.push(join(folder, name));
      parts.set(key, part);
    }
  }
  const checkpoints = [...parts.values()].filter(({ total, files }) => files.length === total);
  return { commits, checkpoints: checkpoints.toSorted((a, b) => a.version - b.version) };
}

/**
 * The actions of one commit, or `undefined` when there is no such commit.
 * @throws MillraceError `DELTA_CORRUPT` for a line that is no action, and for a commit that has lost lines
 */
export async function readCommit(tablePath: string, version: number): Promise<Action[] | undefined> {
  const path = commitPath(tablePath, version);
  const text = await tableFilesOf(tablePath).readText(commitName(version));
  if (text === undefined) return undefined;
  const actions = parseActions(text, path);
  assertWholeCommit(actions, path);
  return actions;
}

/** The actions of a file with one on each line. @throws MillraceError `DELTA_CORRUPT` for a line that is no action */
export function parseActions(text: string, path: string): Action[] {
  return text.split("\n").flatMap((line, index) => (line.trim() === "" ? [] : [parseAction(line, path, index + 1)]));
}

/** Reads what a commit says of its writer; `{}` when the writer did not say. */
export async function readCommitInfo(tablePath: string, version: number): Promise<CommitInfo | undefined> {
  const actions = await readCommit(tablePath, version);
  if (actions === undefined) return undefined;
  return actions.find((action) => action.commitInfo)?.commitInfo ?? {};
}

/** When a commit was made, in milliseconds: as its writer says, else as the file says. */
export async function commitTimestamp(tablePath: string, version: number): Promise<number | undefined> {
  const info = await readCommitInfo(tablePath, version);
  if (info === undefined) return undefined;
  return info.inCommitTimestamp ?? info.timestamp ?? (await tableFilesOf(tablePath).writtenAt(commitName(version)));
}

/**
 * Commits `actions` as `version` unless another writer was first.
 * @param put what is called right before the step that makes the commit, which is not made when it throws
 * @returns whether this writer won
 */
export async function putCommit(
  tablePath: string,
  version: number,
  actions: readonly Action[],
  put: PutIfAbsent,
): Promise<boolean> {
  const text = actions.map((action) => `${JSON.stringify(action)}\n`).join("");
  return await tableFilesOf(tablePath).putIfAbsent(commitName(version), text, put);
}

const logName =
  /^(?<version>\d{20})\.(?:(?<commit>json)|checkpoint\.(?:parquet|\d{10}\.(?<total>\d{10})\.parquet|(?<uuid>[0-9a-f-]{36})\.(?:parquet|json)))$/;

/** The folder of the log, below that of the table. */
export const logFolderName = "_delta_log";

function commitName(version: number): string {
  return `${logFolderName}/${String(version).padStart(20, "0")}.json`;
}

/** For messages. */
function commitPath(tablePath: string, version: number): string {
  return join(tablePath, commitName(version));
}

function parseAction(line: string, path: string, lineNumber: number): Action {
  const where = `\`${path}\` line ${lineNumber}`;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // what the parser says has a part of the line, which may hold values of rows
    throw new MillraceError("DELTA_CORRUPT", `${where} is not valid JSON`);
  }
  return toAction(value, where);
}
