// `millrace verify`: do the invariants of the store hold, and has nothing been left behind half-published?
import type { CommandContext } from "../../command-context.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { formatCountOf } from "../../print/format-value.ts";
import { oneLine } from "../../print/table.ts";

export interface VerifyOptions {
  readonly json?: true;
}

/** @returns 0 when everything holds, 1 when something is broken */
export async function verify(context: CommandContext, options: VerifyOptions): Promise<ExitCode> {
  const { terminal } = context;
  await using app = await context.openApp({ definitions: false });
  const violations = await app.verify();
  const isSound = violations.length === 0;
  if (options.json) {
    terminal.json({ ok: isSound, items: violations });
  } else if (isSound) {
    terminal.out("ok: the invariants of the store hold, and no run left anything unpublished");
  } else {
    for (const { invariant, message } of violations) terminal.out(`${invariant}: ${oneLine(message)}`);
    terminal.note(
      `${formatCountOf(violations.length, "violation")}; docs/reference/guarantees.md says what each invariant means`,
    );
  }
  return isSound ? exitCodes.ok : exitCodes.runFailed;
}
