// What interrupted deliveries leave: hidden files beside those that they were to be, and unfinished uploads.
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { z } from "zod";
import { findFileService } from "../../connections/files/find-file-service.ts";
import { absolutePath } from "../files/absolute-path.ts";
import { temporaryFile } from "../files/temporary-file.ts";
import type { Intent, Leftovers } from "../target.ts";

/** What the journal calls it, beside the names of formats. */
export const deliveryFormat = "delivery";

export interface DeliveryIntent extends Intent {
  readonly connection?: string | undefined;
  /** The run. */
  readonly owner: string;
  /** Paths of the files, absolute on this machine. */
  readonly files: readonly string[];
}

const owner = z.string().regex(/^r\d+-[0-9a-z]+$/);

/** Names that begin with a dot and end with the run are all that it takes away. */
export const deliveryLeftovers: Leftovers<DeliveryIntent> = {
  schema: z.union([
    z.strictObject({ format: z.literal(deliveryFormat), path: absolutePath, owner, files: z.array(absolutePath) }),
    z.strictObject({
      format: z.literal(deliveryFormat),
      path: z.string(),
      connection: z.string().min(1),
      owner,
      files: z.array(z.string()),
    }),
  ]),
  async clear(intent) {
    const { connection, files } = intent;
    if (connection === undefined) {
      for (const file of listHidden(intent)) await rm(file, { force: true });
      return;
    }
    const service = await findFileService(connection);
    for (const file of files) await service.clearUnfinished(file, intent.owner, {});
  },
  list: async (intent) => (intent.connection === undefined ? listHidden(intent).filter(existsSync) : []),
};

function listHidden({ files, owner: run }: DeliveryIntent): string[] {
  return files.map((file) => temporaryFile(file, run));
}
