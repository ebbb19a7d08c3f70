// What verbs call that work on the project's store and on a server alike: the operations of src/api/routes.ts. With
// `--server` they go over HTTP, else this process answers them from the store with the same handlers.
import type { Contract } from "../api/contract.ts";
import type { RouteName } from "../api/routes.ts";
import type { CommandContext } from "./command-context.ts";

/** Params, query and body of an operation; what it does not have is left out. */
export type CallOf<Name extends RouteName> = Omit<Contract[Name], "response">;

export interface ControlPlane extends AsyncDisposable {
  /** Address of the server; `undefined` when this process works on the store. */
  readonly server: string | undefined;
  /** @throws MillraceError with the code that the operation failed with; `SERVER_UNREACHABLE` */
  call<Name extends RouteName>(name: Name, input: CallOf<Name>): Promise<Contract[Name]["response"]>;
}

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
