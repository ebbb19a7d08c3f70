// Chooses what verbs work on: a server when one was named, else the store of the project.
import type { CommandContext } from "../command-context.ts";
import type { ControlPlane } from "./control-plane.ts";

export interface OpenControlPlaneOptions {
  /** False for verbs that need no job code: they work although a job file is broken. */
  readonly definitions?: boolean;
}

/** @throws MillraceError `CONFIG_INVALID` for an address that is none */
export async function openControlPlane(
  context: CommandContext,
  options: OpenControlPlaneOptions = {},
): Promise<ControlPlane> {
  const { server, token, user } = context.environment;
  if (server !== undefined) {
    const { connectControlPlane } = await import("./remote-control-plane.ts");
    return connectControlPlane({ server, token });
  }
  const [{ openLocalControlPlane }, app] = await Promise.all([
    import("./local-control-plane.ts"),
    context.openApp(options),
  ]);
  return openLocalControlPlane(app, user);
}
