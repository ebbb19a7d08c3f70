// Files of this machine may be written to while they are read; then the rows are those of no file that ever was.
import { MillraceError } from "../../core/errors/errors.ts";
import { type FoundFile, lookAt } from "./find-files.ts";

/** Those that were fetched are copies, which nobody changes. @throws MillraceError `SOURCE_UNREADABLE`, to be tried again */
export async function assertUnchanged(found: readonly FoundFile[]): Promise<void> {
  const local = found.filter(({ remote }) => remote === undefined);
  const now = await Promise.all(local.map(async ({ path }) => await lookAt(path)));
  const changed = local.find(({ version }, index) => now[index]?.version !== version);
  if (changed === undefined) return;
  throw new MillraceError("SOURCE_UNREADABLE", `the file changed while it was read: \`${changed.name}\``, {
    disposition: "retry",
    hint: "let deliveries write under another name and rename the file when it is complete; or set `settled`",
  });
}
