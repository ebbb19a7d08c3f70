// The journal of one attempt in its staging folder: before anything of a run gets near a target, its name is here.
// It is replaced whole and flushed, so that it is never half written.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DatasetVersion } from "../core/dataset.ts";
import { MillraceError } from "../core/errors.ts";
import { errorCode, makeFolder, replaceFile, toTargetError } from "./delta/delta-file-system.ts";
import type { Intent } from "./target.ts";

/** What an attempt did to its targets, as far as a later one must know. */
export interface JournalRecord {
  readonly format: 1;
  readonly runKey: string;
  readonly intents: readonly Intent[];
  readonly published: readonly PublishedRecord[];
}

/** A dataset that the attempt has published and recorded. */
export interface PublishedRecord {
  readonly dataset: DatasetVersion;
  readonly changed: boolean;
  readonly rows: number;
  readonly quarantined: number;
}

export interface PublishJournal {
  /** Durable when the promise resolves. */
  intend(intent: Intent): Promise<void>;
  published(record: PublishedRecord): Promise<void>;
}

/** @param folder staging folder of the attempt; made with the first entry */
export function createPublishJournal(folder: string, runKey: string): PublishJournal {
  let record: JournalRecord = { format: 1, runKey, intents: [], published: [] };
  let last: Promise<void> = Promise.resolve();
  const save = async (next: JournalRecord): Promise<void> => {
    record = next;
    // entries of one attempt are written in line; a failed one does not hold up the next
    last = last.catch(() => undefined).then(() => saveJournal(folder, record));
    await last;
  };
  return {
    intend: (intent) => save({ ...record, intents: [...record.intents, intent] }),
    published: (published) => save({ ...record, published: [...record.published, published] }),
  };
}

/** The journal in a staging folder, `undefined` when there is none. @throws MillraceError `STORE_CORRUPT` for anything else of that name */
export async function loadJournal(folder: string): Promise<JournalRecord | undefined> {
  const path = join(folder, journalName);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw toTargetError(error, path);
  }
  const record = parseJson(text);
  if (isJournal(record)) return record;
  throw new MillraceError("STORE_CORRUPT", `the journal \`${path}\` cannot be read`, {
    hint: "look at what is in its folder, then delete the folder",
  });
}

/** Name of the journal in its folder. */
export const journalName = "journal.json";

async function saveJournal(folder: string, record: JournalRecord): Promise<void> {
  const path = join(folder, journalName);
  try {
    await makeFolder(folder);
    await writeFile(`${path}.next`, `${JSON.stringify(record)}\n`, { flush: true });
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

function isJournal(value: unknown): value is JournalRecord {
  return typeof value === "object" && value !== null && "format" in value && value.format === 1 && "intents" in value;
}
