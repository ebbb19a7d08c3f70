// A commit of a Delta table as a publication makes it: its files are announced before they are there, and the run is held
// right before the entry of the log, so that an interruption anywhere between leaves nothing that nobody knows of.
import type { DeltaCommitInput } from "../../delta/write/delta-commit-input.ts";
import type { TargetInput } from "../../target.ts";
import type { DeltaIntent } from "./leftovers.ts";

/** @param path of the table, as it is recorded */
export function announceCommit(
  path: string,
  steps: Pick<TargetInput, "intend" | "assertHeld" | "failpoint">,
): Pick<DeltaCommitInput, "onIntent" | "assertHeld"> {
  return {
    async onIntent(names, baseVersion) {
      const intent: DeltaIntent = { format: "delta", path, names, baseVersion };
      await steps.intend(intent);
      await steps.failpoint("delta:intended");
    },
    async assertHeld() {
      await steps.failpoint("delta:placed");
      await steps.assertHeld();
    },
  };
}
