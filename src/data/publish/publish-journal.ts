// The journal of one publication in its staging folder: before anything gets near a target, its name is here.
// It is replaced whole and flushed, so that it is never half written, and it goes with the folder when all is concluded.
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { MillraceError } from "../../core/errors/errors.ts";
import { errorCode, makeFolder, replaceFile, toTargetError } from "../files/file-system.ts";
import { deliveryFormat, deliveryLeftovers } from "../delivery/delivery-leftovers.ts";
import type { Intent, Leftovers } from "../target.ts";
import { targetFormats } from "../targets/target-registry.ts";
import { outsideFolder, outsideLeftovers } from "./outside-folder.ts";

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
 * @throws MillraceError `STORE_CORRUPT` for a journal that cannot be read, is of a newer version, or names what no publication makes
 */
export async function loadIntents(folder: string): Promise<readonly Intent[]> {
  const path = join(folder, journalName);
  const text = await readJournal(path);
  if (text === undefined) return [];
  const intents = parseIntents(text);
  if (intents !== undefined) return intents;
  throw unreadable(path, "it is no journal of this version of Millrace");
}

/**
 * Takes out what a publication that is over left near its targets unpublished: files that no commit names, hidden
 * half-made ones. What was published stays. Doing it again is harmless.
 * @throws MillraceError `TARGET_UNREADABLE` when something cannot be removed
 */
export async function concludeIntents(intents: readonly Intent[]): Promise<void> {
  for (const intent of intents) {
    try {
      await leftoversOf(intent)?.clear(intent);
    } catch (error) {
      throw toTargetError(error, intent.path);
    }
  }
}

/**
 * Paths of what an intent may still have left unpublished. Nothing is changed.
 * @throws MillraceError when its table cannot be looked at
 */
export async function listUnpublished(intent: Intent): Promise<readonly string[]> {
  return (await leftoversOf(intent)?.list(intent)) ?? [];
}

/** Kind of an intent → who knows what it leaves. */
const kinds: ReadonlyMap<string, Leftovers> = new Map([
  [outsideFolder, outsideLeftovers],
  [deliveryFormat, deliveryLeftovers as Leftovers],
  ...targetFormats.flatMap(({ name, leftovers }) => (leftovers === undefined ? [] : [[name, leftovers] as const])),
]);

function leftoversOf({ format }: Intent): Leftovers | undefined {
  return kinds.get(format);
}

const journalName = "journal.json";

/** More than the names of the files of a table with 100,000 partitions. */
const maxBytes = 64 * 1_048_576;

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

async function readJournal(path: string): Promise<string | undefined> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw unreadable(path, "it is no file"); // reading a pipe would wait for ever
    if (found.size > maxBytes) throw unreadable(path, `it has ${found.size} bytes`);
    return await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return undefined;
    if (error instanceof MillraceError) throw error;
    throw unreadable(path, errorCode(error) ?? "it cannot be read", error);
  }
}

function unreadable(path: string, why: string, cause?: unknown): MillraceError {
  return new MillraceError("STORE_CORRUPT", `the journal \`${path}\` cannot be read: ${why}`, {
    cause,
    hint: "look at what is in its folder, then delete the folder",
  });
}

function parseIntents(text: string): readonly Intent[] | undefined {
  const parsed = journalSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data.intents : undefined;
}

const intentSchema = z.union([...kinds.values()].map(({ schema }) => schema));

const journalSchema = z.strictObject({ format: z.literal(1), intents: z.array(intentSchema) });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
