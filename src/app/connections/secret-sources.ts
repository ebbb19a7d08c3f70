// Where the secrets of a project are: variables and files of this machine, and services, which are asked with its credentials.
import { resolve } from "node:path";
import type { Environment } from "../../config.ts";
import type { SecretSources } from "../../connections/registry/resolve-secrets.ts";
import { lendServiceSecrets, readServiceSecret } from "../../connections/variables.ts";
import type { Clock } from "../../core/clock.ts";
import { readIfThere } from "./open-seal.ts";

/** @param onSecret told of each, for whoever masks what is shown */
export function secretSourcesOf(
  root: string,
  { readVariable }: Pick<Environment, "readVariable">,
  onSecret: (secret: string) => void,
): SecretSources {
  return {
    onSecret,
    readVariable,
    readFile: (path) => readIfThere(resolve(root, path)),
    readService: readServiceSecret,
  };
}

/** Lends the services that keep secrets to this process. What asks them is loaded with the first reference to one. */
export function lendSecretServices({ readVariable }: Pick<Environment, "readVariable">, clock: Clock): AsyncDisposable {
  let opened: Promise<AsyncDisposable & { read: typeof readServiceSecret }> | undefined;
  lendServiceSecrets(async (reference) => {
    opened ??= import("../../connections/secrets/aws-secrets.ts").then(
      ({ AwsSecrets }) => new AwsSecrets({ readVariable, readFile: readIfThere, now: () => clock.now() }),
    );
    return await (await opened).read(reference);
  });
  return {
    [Symbol.asyncDispose]: async () => {
      await (await opened)?.[Symbol.asyncDispose]();
      opened = undefined;
    },
  };
}
