// The connection to Jira, as a configuration declares it: address, credentials, and limits that its answers do not tell.
import type { ConnectionOptions, HttpConnectionOptions } from "../../core/connection/connection-options.ts";
import type { HttpAuth } from "../../core/connection/http-auth.ts";
import type { Secret } from "../../core/connection/secret.ts";
import { refusal } from "../../core/spec/parse-options.ts";
import type { JiraConfig } from "./document-config.ts";

export interface JiraConnectionOptions extends Pick<HttpConnectionOptions, "limits" | "tls" | "proxy" | "timeouts"> {
  /** `https://<site>.atlassian.net`, or the address of a Data Center. */
  readonly baseUrl?: string;
  /** Of the account that the API token belongs to, on Cloud. Without it `token` is a personal access token of a Data Center. */
  readonly email?: string;
  readonly token?: Secret;
  /** `JIRA_CONFIG`, whose `base_url`, `email` and `api_token` stand for those above. */
  readonly config?: JiraConfig;
  /** How long the last answers stand in while Jira fails. Default: never. */
  readonly staleIfError?: NonNullable<HttpConnectionOptions["cache"]>["staleIfError"];
}

/** Buckets by endpoint and method, and writes by issue; quotas of points are of the whole site. */
const burstLimits = { header: "ratelimit-reason", values: ["jira-burst-based", "jira-per-issue-on-write"] } as const;

/**
 * A connection for `jiraJob`. Not more than 8 requests are under way at once, since no header tells what the site bears before it refuses.
 * @throws MillraceError `JOB_INVALID` without an address or a token
 * @see https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
 */
export function jiraConnection(options: JiraConnectionOptions): ConnectionOptions {
  const { config = {}, limits, tls, proxy, timeouts, staleIfError } = options;
  const where = "`jiraConnection`";
  const baseUrl = (options.baseUrl ?? config.base_url)?.replace(/\/+$/, "");
  if (baseUrl === undefined) throw refusal(where, ["baseUrl"], "the address of the site", baseUrl);
  const token = options.token ?? config.api_token;
  if (token === undefined) throw refusal(where, ["token"], "an API token, or a personal access token", token);
  const email = options.email ?? config.email;
  const auth: HttpAuth = email === undefined ? { bearer: token } : { basic: { user: email, password: token } };
  return {
    http: {
      baseUrl,
      auth,
      headers: { accept: "application/json" },
      limits: { concurrency: 8, endpoints: burstLimits, ...limits },
      ...(staleIfError === undefined ? {} : { cache: { staleIfError } }),
      ...(tls === undefined ? {} : { tls }),
      ...(proxy === undefined ? {} : { proxy }),
      ...(timeouts === undefined ? {} : { timeouts }),
    },
  };
}
