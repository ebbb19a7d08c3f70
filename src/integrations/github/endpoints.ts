// Where the streams are asked for: the addresses of GitHub, or those of `GITHUB_ENDPOINTS`, with the parts of a path as variables.
import { refusal } from "../../core/spec/parse-options.ts";

/** `GITHUB_ENDPOINTS`: paths with `{org}`, `{owner}` and `{repo}`. */
export type GithubEndpoints = Readonly<Partial<Record<keyof typeof paths, string>>>;

/** Paths with variables in the place of `{owner}` and `{repo}`; `{org}` stays. */
export type StreamAddresses = Readonly<Record<keyof typeof paths, string>>;

const paths = {
  repositories: "/orgs/{org}/repos",
  pull_requests: "/repos/{owner}/{repo}/pulls",
  commits: "/repos/{owner}/{repo}/commits",
  deployments: "/repos/{owner}/{repo}/deployments",
  releases: "/repos/{owner}/{repo}/releases",
} as const;

/** @throws MillraceError `JOB_INVALID` for an endpoint that nothing reads */
export function readEndpoints(
  where: string,
  given: GithubEndpoints = {},
): { readonly addresses: StreamAddresses; readonly notices: readonly string[] } {
  for (const [name, path] of Object.entries(given)) {
    if (!Object.hasOwn(paths, name)) {
      throw refusal(where, ["endpoints", name], `one of ${Object.keys(paths).join(", ")}`, name);
    }
    if (typeof path === "string" && path.startsWith("/")) continue;
    throw refusal(where, ["endpoints", name], "a path that begins with `/`", path);
  }
  const all = { ...paths, ...given };
  const addresses = Object.fromEntries(Object.entries(all).map(([name, path]) => [name, withVariables(path)]));
  return {
    addresses: addresses as StreamAddresses,
    notices: Object.entries(notes).flatMap(([name, note]) => (Object.hasOwn(given, name) ? [note] : [])),
  };
}

const notes: Partial<Record<keyof typeof paths, string>> = {
  commits:
    "`commits` of `GITHUB_ENDPOINTS` is asked when a repository is first read; later commits come from `/compare` of heads, since `since` goes by the date of a commit and not by when it came",
  deployments:
    "`deployments` of `GITHUB_ENDPOINTS` does not say what became of them; `/deployments/{id}/statuses` is asked as well",
};

function withVariables(path: string): string {
  return path.replaceAll("{owner}", "{{repository.owner}}").replaceAll("{repo}", "{{repository.name}}");
}
