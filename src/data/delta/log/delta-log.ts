// The commits of a Delta table: numbered JSON files that appear whole or not at all, and each number once.
import { randomUUID } from "node:crypto";
import { link, readdir, readFile, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { MillraceError } from "../../../core/errors/errors.ts";
import { assertWholeCommit, toAction } from "./delta-action-shape.ts";
import type { Action, CommitInfo } from "./delta-actions.ts";
import { errorCode, makeFolder, syncFolder, writeDurable } from "../../files/file-system.ts";

/** What the log folder holds, in ascending order of version. */
export interface LogListing {
  readonly commits: readonly number[];
  /** Checkpoints of which every part is there; one version may have several. */
  readonly checkpoints: readonly LogCheckpoint[];
}

export interface LogCheckpoint {
  readonly version: number;
  /** Absolute paths of its parts, which are Parquet, or one file of JSON. */
  readonly files: readonly string[];
}

export function logFolder(tablePath: string): string {
  return join(tablePath, "_delta_log");
}

/** Lists the log; a folder that is not there is an empty log. */
export async function listLog(tablePath: string): Promise<LogListing> {
  const folder = logFolder(tablePath);
  const names = await readdir(folder).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return [];
    throw new MillraceError("TARGET_UNREADABLE", `listing \`${folder}\`: ${errorCode(error) ?? ""}`, { cause: error });
  });
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
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return undefined;
    throw new MillraceError("TARGET_UNREADABLE", `reading \`${path}\`: ${errorCode(error) ?? ""}`, { cause: error });
  });
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
  return info.inCommitTimestamp ?? info.timestamp ?? (await stat(commitPath(tablePath, version))).mtimeMs;
}

/**
 * Commits `actions` as `version` unless another writer was first.
 * The file is written and flushed in the staging folder and linked into place, which the file system does for one
 * writer only.
 * @param beforePut called when nothing but the link is left to do; the commit is not made when it throws
 * @returns whether this writer won
 */
export async function putCommit(
  tablePath: string,
  version: number,
  actions: readonly Action[],
  stagingDir: string,
  beforePut: () => Promise<void>,
): Promise<boolean> {
  const folder = logFolder(tablePath);
  await makeFolder(folder);
  const draft = join(stagingDir, `commit-${randomUUID()}.json`);
  try {
    await writeDurable(draft, actions.map((action) => `${JSON.stringify(action)}\n`).join(""));
    await beforePut();
    const won = await linkOnce(draft, commitPath(tablePath, version));
    if (won) await syncFolder(folder);
    return won;
  } finally {
    await unlink(draft).catch(() => undefined); // staging is removed as a whole later
  }
}

const logName =
  /^(?<version>\d{20})\.(?:(?<commit>json)|checkpoint\.(?:parquet|\d{10}\.(?<total>\d{10})\.parquet|(?<uuid>[0-9a-f-]{36})\.(?:parquet|json)))$/;

function commitPath(tablePath: string, version: number): string {
  return join(logFolder(tablePath), `${String(version).padStart(20, "0")}.json`);
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

async function linkOnce(draft: string, target: string): Promise<boolean> {
  try {
    await link(draft, target);
    return true;
  } catch (error) {
    // a network file system may link and still report a failure: the link count knows
    if ((await stat(draft)).nlink === 2) return true;
    const code = errorCode(error);
    if (code === "EEXIST") return false;
    if (code === "EPERM" || code === "ENOTSUP" || code === "ENOSYS") {
      throw new MillraceError("TARGET_UNSUPPORTED", `the file system of \`${target}\` has no hard links`, {
        cause: error,
        hint: "a Delta table needs a file system that can refuse the second of two writers, e.g. ext4, xfs, apfs or ntfs",
      });
    }
    throw error;
  }
}
