// Operations over HTTP. Errors are those of the server, so that verbs cannot tell the difference.
import { type CallInput, createClient } from "../../client/api-client.ts";
import type { RouteName } from "../../api/routes.ts";
import type { CallOf, ControlPlane } from "./control-plane.ts";

export interface RemoteOptions {
  /** Such as `http://127.0.0.1:4680`. */
  readonly server: string;
  readonly token: string | undefined;
}

/** Connects at the first call. @throws MillraceError `VALUE_INVALID` for an address that is none */
export function connectControlPlane({ server, token }: RemoteOptions): ControlPlane {
  const client = createClient({ url: server, ...(token === undefined ? {} : { token }) });
  return {
    server: client.url,
    // A verb gives all parts that an operation has, and the client wants no more.
    call: <Name extends RouteName>(name: Name, input: CallOf<Name>) =>
      client.call(name, input as unknown as CallInput<Name>),
    // Somebody else's workers take the runs.
    work: async () => ({ [Symbol.asyncDispose]: async () => undefined }),
    async [Symbol.asyncDispose]() {
      // Connections of `fetch` close by themselves.
    },
  };
}
