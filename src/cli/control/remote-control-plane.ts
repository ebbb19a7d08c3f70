// Calls the operations of a server over HTTP. Errors are those of the server, so that verbs cannot tell the difference.
import { type CallInput, createClient, toPath } from "../../client/api-client.ts";
import { toRefusalError } from "../../client/refusal.ts";
import type { RouteName } from "../../api/routes.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { CallOf, ControlPlane, FileRouteName } from "./control-plane.ts";

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
    download: async (name, input) => {
      await (asked ??= assertEnvironment());
      return await download(`${client.url}${toDownloadPath(name, input)}`, token);
    },
    // Somebody else's workers take the runs.
    work: async () => ({ [Symbol.asyncDispose]: async () => undefined }),
    async [Symbol.asyncDispose]() {
      // Connections of `fetch` close by themselves.
    },
  };
}

function toDownloadPath<Name extends FileRouteName>(name: Name, { params, query }: CallOf<Name>): string {
  return toPath(name, { ...params }, { ...query });
}

async function download(url: string, token: string | undefined): Promise<AsyncIterable<Uint8Array>> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(url, { headers }).catch((error: unknown) => {
    throw new MillraceError("SERVER_UNREACHABLE", `no answer from ${new URL(url).origin}`, { cause: error });
  });
  if (!response.ok) throw await toRefusalError(response);
  if (response.body === null) throw new MillraceError("SERVER_UNREACHABLE", "the server answered with nothing");
  return response.body;
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
