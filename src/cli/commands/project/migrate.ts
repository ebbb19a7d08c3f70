// `millrace migrate`: brings the store's tables up to date, as every command does that opens it, and says so.
import { schemaVersion } from "../../../store/migrations/migrations.ts";
import type { CommandContext } from "../../command-context.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";

export interface MigrateOptions {
  readonly json?: true;
}

/** Repeating it changes nothing. @throws MillraceError `STORE_VERSION` when a newer Millrace wrote the store */
export async function migrate(context: CommandContext, options: MigrateOptions): Promise<ExitCode> {
  await using app = await context.openApp({ definitions: false });
  const { dialect } = app.store;
  if (options.json) {
    context.terminal.json({ store: dialect, store_version: schemaVersion });
  } else context.terminal.out(`the ${dialect} store is at version ${schemaVersion}`);
  return exitCodes.ok;
}
