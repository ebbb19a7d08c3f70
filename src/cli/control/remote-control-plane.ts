// Calls the operations of a server over HTTP. Errors are those of the server, so that verbs cannot tell the difference.
import { type CallInput, createClient } from "../../client/api-client.ts";
import type { RouteName } from "../../api/routes.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { CallOf, ControlPlane } from "./control-plane.ts";

export interface RemoteOptions {
  /** Such as `http://127.0.0.1:4680`. */
  readonly server: string;
  readonly token: string | undefined;
  /** The environment that the server has to be of; `undefined`: any. */
  readonly environment?: string | undefined;
}

/** Connects at the first call. @throws MillraceError `VALUE_INVALID` for an address that is none */
export function connectControlPlane({ server, token, environment }: RemoteOptions): ControlPlane {
  const client = createClient({ url: server, ...(token === undefined ? {} : { token }) });
  let asked: Promise<void> | undefined;
  const assertEnvironment = async (): Promise<void> => {
    if (environment === undefined) return;
    const { server: found } = await client.call("showSession", {});
    if (found.environment !== environment) throw otherEnvironment(environment, found.environment);
  };
  return {
    server: client.url,
    // A verb gives all parts that an operation has, and the client wants no more.
    call: <Name extends RouteName>(name: Name, input: CallOf<Name>) =>
      (asked ??= assertEnvironment())
        .then(() => client.call(name, input as unknown as CallInput<Name>))
        .catch((error: unknown) => {
          throw isUnauthenticated(error) ? withTokenHint(error, token) : error;
        }),
    // Somebody else's workers take the runs.
    work: async () => ({ [Symbol.asyncDispose]: async () => undefined }),
    async [Symbol.asyncDispose]() {
      // Connections of `fetch` close by themselves.
    },
  };
}

function otherEnvironment(wanted: string, found: string | null): MillraceError {
  const got = found === null ? "one of no environment" : `one of \`${found}\``;
  return new MillraceError("USAGE_INVALID", `expected a server of environment \`${wanted}\`, got: ${got}`, {
    hint: "name another server with `--server`, or another environment with `--env`",
  });
}

function isUnauthenticated(error: unknown): error is MillraceError {
  return error instanceof MillraceError && error.code === "UNAUTHENTICATED";
}

/** The server speaks to programs that send headers; a person at a terminal sets a variable. */
function withTokenHint(error: MillraceError, token: string | undefined): MillraceError {
  const given =
    token === undefined ? "set MILLRACE_TOKEN to a token of that server" : "MILLRACE_TOKEN is no valid token there";
  return new MillraceError(error.code, error.message, {
    hint: `${given}; on its machine, \`millrace token create <name> --role operator\` makes one`,
    cause: error,
  });
}
