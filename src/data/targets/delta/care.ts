// Looks after a Delta table without a change of its rows: deletes files that nobody needs, and writes rows again into better ones.
import { MillraceError } from "../../../core/errors/errors.ts";
import { parsePlace } from "../../files/recorded-place.ts";
import { optimizeDelta } from "../../delta/care/delta-optimize.ts";
import { vacuumDelta } from "../../delta/care/delta-vacuum.ts";
import type { TableCare } from "../../target.ts";
import type { DeltaIntent } from "./leftovers.ts";
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
      async onIntent(names, baseVersion) {
        const intent: DeltaIntent = { format: "delta", path, names, baseVersion };
        await input.intend(intent);
        await input.failpoint("delta:intended");
      },
      async assertHeld() {
        await input.failpoint("delta:placed");
        await input.assertHeld();
      },
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
