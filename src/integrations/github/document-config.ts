// `GITHUB_CONFIG` of the job guide: the parts of it that a job takes, and those that are the connection's.
import type { ConnectionOptions } from "../../core/connection/connection-options.ts";
import type { Secret } from "../../core/connection/secret.ts";
import { refusal } from "../../core/spec/parse-options.ts";

export interface GithubConfig {
  readonly base_url?: string;
  readonly organization?: string;
  readonly token?: Secret;
  readonly rate_limit?: {
    readonly requests_per_hour?: number;
    readonly core_limit?: number;
    readonly search_limit?: number;
  };
  readonly retry_config?: { readonly max_retries?: number; readonly backoff_factor?: number };
}

/** @throws MillraceError `JOB_INVALID` for a config without an organisation, or with retries that are no number of them */
export function readConfig(
  where: string,
  config: GithubConfig | undefined,
): {
  readonly organization: string | undefined;
  readonly tries: number | undefined;
  readonly notices: readonly string[];
} {
  if (config === undefined) return { organization: undefined, tries: undefined, notices: [] };
  const { organization, rate_limit: limit, retry_config: retry } = config;
  if (organization === "")
    throw refusal(where, ["config", "organization"], "the name of an organisation", organization);
  const retries = retry?.max_retries;
  if (retries !== undefined && !(Number.isInteger(retries) && retries >= 0 && retries < 20))
    throw refusal(where, ["config", "retry_config", "max_retries"], "a whole number from 0 to 19", retries);
  return {
    organization,
    tries: retries === undefined ? undefined : retries + 1,
    notices: [
      ...(limit?.search_limit === undefined
        ? []
        : ["`search_limit` of `GITHUB_CONFIG` has no use: nothing that is collected is searched for"]),
      ...(limit?.requests_per_hour === undefined && limit?.core_limit === undefined
        ? []
        : [
            "`requests_per_hour` and `core_limit` of `GITHUB_CONFIG` are not counted here: what GitHub says with each answer is kept to, for all workers together",
          ]),
      ...(retry?.backoff_factor === undefined || retry.backoff_factor === 2
        ? []
        : ["`backoff_factor` of `GITHUB_CONFIG` is taken for 2: waits between tries of a request double"]),
    ],
  };
}

/** The parts that are the connection's. */
export function toConnectionParts({ base_url: baseUrl, token }: GithubConfig): {
  readonly baseUrl: string | undefined;
  readonly auth: NonNullable<ConnectionOptions["http"]>["auth"] | undefined;
} {
  return { baseUrl, auth: token === undefined ? undefined : { bearer: token } };
}
