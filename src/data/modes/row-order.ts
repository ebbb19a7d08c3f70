// Versions of rows come in the order of their moments: one that is older than what is there could not be fitted in between.
import { MillraceError } from "../../core/errors/errors.ts";
import type { HistoryRule } from "./row-rule.ts";

/** @param versions how many versions are younger */
export function outOfOrder({ moment, validFrom, validTo }: HistoryRule, versions: number): MillraceError {
  const message = `rows of \`${moment}\` come after versions that began or ended later, versions: \`${versions}\``;
  return new MillraceError("HISTORY_OUT_OF_ORDER", message, {
    hint: `look at \`${validFrom}\` and \`${validTo}\`; fill older windows first, or make the history anew with \`--full-refresh\``,
  });
}
