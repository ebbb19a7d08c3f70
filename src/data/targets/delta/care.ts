// Looks after a Delta table without a change of its rows: deletes files that nobody needs, and writes rows again into better ones.
import { MillraceError } from "../../../core/errors/errors.ts";
import { parsePlace } from "../../files/recorded-place.ts";
import { optimizeDelta } from "../../delta/care/delta-optimize.ts";
import { vacuumDelta } from "../../delta/care/delta-vacuum.ts";
import type { TableCare } from "../../target.ts";
import { announceCommit } from "./announce-commit.ts";
import type { DeltaLocation } from "./relation.ts";

export const deltaCare: TableCare<DeltaLocation> = {
  async vacuum({ path, version }, input) {
    if (parsePlace(path) !== undefined) throw elsewhere(path);
    return await vacuumDelta({
      ...input,
      tablePath: path,
      versions: [version],
      async assertHeld() {
        await input.failpoint("delta:vacuuming");
        await input.assertHeld();
      },
    });
  },
  async optimize({ path }, input) {
    const result = await optimizeDelta({
      ...input,
      tablePath: path,
      stagingDir: input.stagingFolder,
      ...announceCommit(path, input),
    });
    await input.failpoint("delta:committed");
    return result;
  },
};

function elsewhere(path: string): MillraceError {
  return new MillraceError("TARGET_UNSUPPORTED", `only tables on this machine are vacuumed, got: \`${path}\``, {
    hint: "`VACUUM` of another engine that reads the bucket deletes the files",
  });
}
