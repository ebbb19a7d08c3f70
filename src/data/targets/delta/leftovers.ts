// Finds what an interrupted publication left in the folder of a Delta table: files that no commit after its start came
// to name.
import { join, sep } from "node:path";
import { z } from "zod";
import { removeUnreferenced } from "../../delta/delta-table.ts";
import { listLog, readCommit } from "../../delta/log/delta-log.ts";
import { decodePath, toLogPath } from "../../delta/log/delta-path.ts";
import { tableFilesOf } from "../../delta/store/table-files-of.ts";
import { absolutePath } from "../../files/absolute-path.ts";
import { recordedPlace } from "../../files/recorded-place.ts";
import { inParallel } from "../../in-parallel.ts";
import type { Intent, Leftovers } from "../../target.ts";

export interface DeltaIntent extends Intent {
  readonly format: "delta";
  /** Paths of the files, below the table's folder. */
  readonly names: readonly string[];
  /** The table's version before the publication, -1 for none. */
  readonly baseVersion: number;
}

export const deltaLeftovers: Leftovers<DeltaIntent> = {
  schema: z.strictObject({
    format: z.literal("delta"),
    path: z.union([absolutePath, recordedPlace]),
    names: z.array(z.string()),
    baseVersion: z.int().min(-1),
  }),
  async clear({ path, names, baseVersion }) {
    await removeUnreferenced(path, names, baseVersion);
  },
  async list({ path, names, baseVersion }) {
    const { commits } = await listLog(path);
    const named = new Set<string>();
    for (const version of commits.filter((commit) => commit > baseVersion)) {
      for (const { add } of (await readCommit(path, version)) ?? []) {
        if (add) named.add(decodePath(add.path));
      }
    }
    const files = tableFilesOf(path);
    const unnamed = names.filter((name) => !named.has(name.split(sep).join("/")));
    const isMissing = await inParallel(unnamed, 16, (name) => files.findMissing([toLogPath(name)]));
    return unnamed.filter((_name, index) => isMissing[index] === undefined).map((name) => join(path, name));
  },
};
