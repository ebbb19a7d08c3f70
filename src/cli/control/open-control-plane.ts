// Chooses what verbs work on: a server when one was named, else the store of the project.
import type { App } from "../../app/app.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { CommandContext } from "../command-context.ts";
import { printable } from "../print/terminal.ts";
import type { ControlPlane } from "./control-plane.ts";

export interface OpenControlPlaneOptions {
  /**
   * What the verb needs of the job files: all of them (`true`, the default), nothing (`false`), or what they say unless one
   * is broken (`"if-sound"`). A verb that can do without them works although a job file is broken.
   */
  readonly definitions?: boolean | "if-sound";
}

/** @throws MillraceError `CONFIG_INVALID` for an address that is none */
export async function openControlPlane(
  context: CommandContext,
  { definitions = true }: OpenControlPlaneOptions = {},
): Promise<ControlPlane> {
  const { server, token, user, name: environment } = context.environment;
  if (server !== undefined) {
    const { connectControlPlane } = await import("./remote-control-plane.ts");
    return connectControlPlane({ server, token, environment });
  }
  const [{ openLocalControlPlane }, app] = await Promise.all([
    import("./local-control-plane.ts"),
    definitions === "if-sound" ? openIfSound(context) : context.openApp({ definitions }),
  ]);
  return openLocalControlPlane(app, user);
}

async function openIfSound(context: CommandContext): Promise<App> {
  try {
    await context.loadProject();
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    const app = await context.openApp({ definitions: false });
    context.terminal.note(`the jobs could not be loaded: ${error.code}: ${printable(error.message)}`);
    return app;
  }
  return await context.openApp();
}
