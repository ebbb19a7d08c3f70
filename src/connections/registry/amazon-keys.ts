// Keys for Amazon's services, and for those that speak as they do.
import { env, type Secret } from "../../core/connection/secret.ts";
import type { SecretSources } from "./resolve-secrets.ts";

export interface AmazonKeyOptions {
  readonly accessKeyId?: Secret;
  readonly secretAccessKey?: Secret;
  readonly sessionToken?: Secret;
}

/** Keys that are not declared are those of the environment, under the names that all tools of Amazon read. */
export function withAmazonKeys<Options extends AmazonKeyOptions>(
  options: Options,
  { readVariable }: Pick<SecretSources, "readVariable">,
): Options & AmazonKeyOptions {
  if (options.accessKeyId !== undefined) return options;
  const hasToken = (readVariable("AWS_SESSION_TOKEN") ?? "") !== "";
  return {
    ...options,
    accessKeyId: env("AWS_ACCESS_KEY_ID"),
    secretAccessKey: env("AWS_SECRET_ACCESS_KEY"),
    ...(hasToken ? { sessionToken: env("AWS_SESSION_TOKEN") } : {}),
  };
}
