// The journal of one publication in its staging folder: before anything gets near a target, its name is here.
// It is replaced whole and flushed, so that it is never half written, and it goes with the folder when all is settled.
import { readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { MillraceError } from "../core/errors.ts";
import { errorCode, makeFolder, replaceFile, syncFolder, toTargetError } from "./delta/delta-file-system.ts";
import { removeUnreferenced } from "./delta/delta-table.ts";
import { isOutsideFolder } from "./staging-folders.ts";
import type { Intent } from "./target.ts";

export interface PublishJournal {
  /** Durable when the promise resolves. @throws MillraceError `DISK_FULL` */
  intend(intent: Intent): Promise<void>;
}

/** @param folder staging folder of the publication; made with the first entry */
export function createPublishJournal(folder: string): PublishJournal {
  const intents: Intent[] = [];
  return {
    async intend(intent) {
      intents.push(intent);
      await saveJournal(folder, intents);
    },
  };
}

/**
 * What a publication was about to put near its targets; nothing without a journal.
 * @throws MillraceError `STORE_CORRUPT` for a journal that cannot be read
 */
export async function loadIntents(folder: string): Promise<readonly Intent[]> {
  const path = join(folder, journalName);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return [];
    throw toTargetError(error, path);
  }
  const journal = parseJson(text);
  if (isJournal(journal)) return journal.intents;
  throw new MillraceError("STORE_CORRUPT", `the journal \`${path}\` cannot be read`, {
    hint: "look at what is in its folder, then delete the folder",
  });
}

/**
 * Takes out what a publication that is over left near its targets unpublished: files that no commit names, hidden
 * half-made ones. What was published stays. Doing it again is harmless.
 */
export async function settleIntents(intents: readonly Intent[]): Promise<void> {
  for (const intent of intents) {
    if (intent.format === "delta") {
      await removeUnreferenced(intent.path, intent.names, intent.baseVersion);
      continue;
    }
    if (intent.format === "staging") {
      if (isOutsideFolder(intent.path)) await rm(intent.path, { recursive: true, force: true });
      continue;
    }
    await rm(intent.temporary, { force: true });
    await syncFolder(dirname(intent.temporary)).catch(() => undefined); // the folder may be gone with its table
  }
}

const journalName = "journal.json";

interface Journal {
  readonly format: 1;
  readonly intents: readonly Intent[];
}

async function saveJournal(folder: string, intents: readonly Intent[]): Promise<void> {
  const path = join(folder, journalName);
  const journal: Journal = { format: 1, intents };
  try {
    await makeFolder(folder);
    await writeFile(`${path}.next`, `${JSON.stringify(journal)}\n`, { flush: true });
    await replaceFile(`${path}.next`, path);
  } catch (error) {
    throw toTargetError(error, path);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isJournal(value: unknown): value is Journal {
  return typeof value === "object" && value !== null && "format" in value && value.format === 1 && "intents" in value;
}
