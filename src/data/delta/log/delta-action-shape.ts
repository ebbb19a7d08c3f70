// Looks at what a log says before anything relies on it: a log is a file like any other, and anybody may have written it.
import { MillraceError } from "../../../core/errors/errors.ts";
import type { Action, CommitInfo } from "./delta-actions.ts";

/**
 * One line of a commit or one row of a checkpoint as an action; actions that Millrace does not know pass unread.
 * @param where the file and line, for the message
 * @throws MillraceError `DELTA_CORRUPT` for a value that is no action, or that lacks a field without which it says nothing
 */
export function toAction(value: unknown, where: string): Action {
  if (!isObject(value)) throw corrupt(where, "expected an action");
  for (const [name, fields] of Object.entries(requiredFields)) {
    const action = value[name];
    if (action === undefined || action === null) continue;
    if (!isObject(action)) throw corrupt(where, `expected \`${name}\` to be an object`);
    for (const [field, isValid] of Object.entries(fields)) {
      if (!isValid(action[field])) throw corrupt(where, `\`${name}\` has no valid \`${field}\``);
    }
  }
  return value;
}

/**
 * Refuses a commit that lost lines after it was written: one without any, or one with fewer than its writer counted.
 * Only Millrace says how many there are, so that commits of others are taken as they are.
 * @throws MillraceError `DELTA_CORRUPT`
 */
export function assertWholeCommit(actions: readonly Action[], path: string): void {
  if (actions.length === 0) throw damaged(path, "the commit is empty");
  const info = actions.find((action) => action.commitInfo)?.commitInfo ?? {};
  if (info.millrace === undefined) return;
  const { actions: counted } = info.millrace;
  if (counted !== undefined && counted !== actions.length)
    throw damaged(path, `the commit has ${actions.length} of its ${counted} lines`);
  assertFileCount(info, "numFiles", actions.filter((action) => action.add).length, path);
  assertFileCount(info, "numRemovedFiles", actions.filter((action) => action.remove).length, path);
}

// Commits of earlier versions of Millrace count their files alone.
function assertFileCount(info: CommitInfo, metric: string, found: number, path: string): void {
  const counted = Number(info.operationMetrics?.[metric] ?? found);
  if (counted === found) return;
  throw damaged(path, `the commit names ${found} of the ${counted} files that its \`${metric}\` counts`);
}

type FieldCheck = (value: unknown) => boolean;
const isText: FieldCheck = (value) => typeof value === "string";
const isTextOrAbsent: FieldCheck = (value) => value === undefined || value === null || isText(value);
const isNumber: FieldCheck = (value) => typeof value === "number";

const requiredFields: Readonly<Record<string, Readonly<Record<string, FieldCheck>>>> = {
  add: { path: isText, partitionValues: isObject },
  remove: { path: isText },
  cdc: { path: isText, partitionValues: isObject },
  // a table may be made before its columns are known
  metaData: { schemaString: isTextOrAbsent, format: isObject, partitionColumns: Array.isArray },
  protocol: { minReaderVersion: isNumber, minWriterVersion: isNumber },
  txn: { appId: isText },
  domainMetadata: { domain: isText },
  sidecar: { path: isText },
  commitInfo: {},
};

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function corrupt(where: string, what: string): MillraceError {
  return new MillraceError("DELTA_CORRUPT", `${where} is no action of a Delta log: ${what}`);
}

function damaged(path: string, what: string): MillraceError {
  return new MillraceError("DELTA_CORRUPT", `\`${path}\` is damaged: ${what}`, {
    hint: "restore the file from a copy; its rows are not to be had without it",
  });
}
