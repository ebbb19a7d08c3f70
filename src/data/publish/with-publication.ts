// The staging folder, journal and session of one publication, which are gone again when it ends, however it ends.
import { join } from "node:path";
import type { EngineSession } from "../../compute/engine.ts";
import { classifyError } from "../../core/errors/classify-error.ts";
import type { Check } from "../../core/dataset/check.ts";
import type { DatasetOutput } from "../../core/dataset/dataset.ts";
import type { RowRule } from "../modes/row-rule.ts";
import type { NamedRequest } from "./named-request.ts";
import { createPublishJournal, type PublishJournal } from "./publish-journal.ts";
import type { PublishScope } from "./publish-scope.ts";
import { concludePublication } from "./recover-staging.ts";
import { removeIfEmpty } from "../files/staging-folders.ts";

export interface PublicationPlace {
  readonly session: EngineSession;
  /** Staging folder of this dataset in this attempt. */
  readonly folder: string;
  readonly journal: PublishJournal;
  /** Told what to do when the publication ends, however it does. */
  readonly onEnd: (end: EndOfPublication) => void;
}

/** @param isPublished whether its work is done, so that no later attempt needs what it has made */
export type EndOfPublication = (isPublished: boolean) => Promise<void>;

/** What is to be published, and where it is staged. */
export interface StageContext extends PublicationPlace {
  readonly request: NamedRequest;
  readonly output: DatasetOutput;
  readonly rule: RowRule;
  readonly checks: readonly Check[];
  readonly scope: PublishScope;
}

/** Does the work of a publication and takes out what it has left unpublished. @throws MillraceError that the work failed with */
export async function withPublication<T>(
  scope: PublishScope,
  dataset: string,
  work: (place: PublicationPlace) => Promise<T>,
): Promise<T> {
  await scope.concludeEarlier();
  const folder = join(scope.folder, dataset);
  await using session = await scope.engine.open();
  const ends: EndOfPublication[] = [];
  let isPublished = false;
  try {
    const journal = createPublishJournal(folder);
    const result = await work({ session, folder, journal, onEnd: (end) => void ends.push(end) });
    isPublished = true;
    return result;
  } catch (error) {
    throw classifyError(error);
  } finally {
    await endAll(ends, isPublished, scope);
    await cleanUp(folder, scope);
  }
}

/** What fails at the end changes nothing about the outcome. */
async function endAll(ends: readonly EndOfPublication[], isPublished: boolean, { log }: PublishScope): Promise<void> {
  for (const end of ends) {
    await end(isPublished).catch((error: unknown) => log.warn(classifyError(error).message));
  }
}

/** What cannot be cleaned up is left for a later process and for `millrace verify`; it changes nothing about the outcome. */
async function cleanUp(folder: string, scope: PublishScope): Promise<void> {
  try {
    await concludePublication(folder);
    await removeIfEmpty(scope.folder);
  } catch (error) {
    scope.log.warn(`staging folder \`${folder}\` is left: ${classifyError(error).message}`);
  }
}
