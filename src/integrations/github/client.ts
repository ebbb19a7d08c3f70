// The connection to GitHub, as a configuration declares it: address, credentials, and limits that its answers do not tell.
import type { ConnectionOptions, HttpConnectionOptions } from "../../core/connection/connection-options.ts";
import type { HttpAuth } from "../../core/connection/http-auth.ts";
import type { Secret } from "../../core/connection/secret.ts";
import { refusal } from "../../core/spec/parse-options.ts";
import { type GithubConfig, toConnectionParts } from "./document-config.ts";

export interface GithubConnectionOptions extends Pick<HttpConnectionOptions, "limits" | "tls" | "proxy" | "timeouts"> {
  /** Default `https://api.github.com`; of an Enterprise Server `https://<host>/api/v3`. */
  readonly baseUrl?: string;
  /** A personal access token; either this or `app`. */
  readonly token?: Secret;
  readonly app?: GithubApp;
  /** `GITHUB_CONFIG`, whose `base_url` and `token` stand for those above. */
  readonly config?: GithubConfig;
  /** How long the last answers stand in while GitHub fails. Default: never. */
  readonly staleIfError?: NonNullable<HttpConnectionOptions["cache"]>["staleIfError"];
}

/** Who asks as an app, with tokens of an hour that are renewed. */
export interface GithubApp {
  /** Id of the app, or its client id. */
  readonly id: string;
  /** Id of the installation, as the address of its settings has it. */
  readonly installation: string;
  /** PEM of its private key, as PKCS#1 or PKCS#8. */
  readonly key: Secret;
}

/** The version of the interface that answers are read by. @see https://docs.github.com/rest/about-the-rest-api/api-versions */
const apiVersion = "2022-11-28";
const defaultBaseUrl = "https://api.github.com";

/**
 * A connection for `githubJob`. Answers are kept and asked for again with their `etag`, so that what has not changed costs none of
 * the quota; not more than 900 points a minute are asked for, and not more than 8 requests at once, which no header tells.
 * @throws MillraceError `JOB_INVALID` without exactly one of `token` and `app`
 * @see https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
export function githubConnection(options: GithubConnectionOptions): ConnectionOptions {
  const { config = {}, limits, tls, proxy, timeouts, staleIfError } = options;
  const given = toConnectionParts(config);
  const baseUrl = (options.baseUrl ?? given.baseUrl ?? defaultBaseUrl).replace(/\/+$/, "");
  const auth = toAuth(options, baseUrl) ?? given.auth;
  if (auth === undefined || (options.token !== undefined && options.app !== undefined)) {
    throw refusal(
      "`githubConnection`",
      ["token"],
      "given, or `app` in its place",
      options.app === undefined ? undefined : "both",
    );
  }
  return {
    http: {
      baseUrl,
      auth,
      headers: { accept: "application/vnd.github+json", "x-github-api-version": apiVersion },
      limits: { concurrency: 8, points: { count: 900, per: "1m" }, ...limits },
      cache: { maxBytes: 256 * 1024 ** 2, ...(staleIfError === undefined ? {} : { staleIfError }) },
      ...(tls === undefined ? {} : { tls }),
      ...(proxy === undefined ? {} : { proxy }),
      ...(timeouts === undefined ? {} : { timeouts }),
    },
  };
}

function toAuth({ token, app }: GithubConnectionOptions, baseUrl: string): HttpAuth | undefined {
  if (token !== undefined) return { bearer: token };
  if (app === undefined) return undefined;
  return {
    jwt: {
      tokenUrl: `${baseUrl}/app/installations/${encodeURIComponent(app.installation)}/access_tokens`,
      issuer: app.id,
      key: app.key,
      algorithm: "RS256",
      // at most ten minutes are taken, and clocks differ
      lifetime: "8m",
      exchange: { token: "token", expiresAt: "expires_at" },
    },
  };
}
