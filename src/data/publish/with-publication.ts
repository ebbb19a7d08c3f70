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
}

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
  try {
    return await work({ session, folder, journal: createPublishJournal(folder) });
  } catch (error) {
    throw classifyError(error);
  } finally {
    await cleanUp(folder, scope);
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
