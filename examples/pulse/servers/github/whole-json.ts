// The fields of answers that nobody here reads, so that they are as GitHub writes them. What a thing is tells its `node_id`.
import type { Json } from "./github-json.ts";

/**
 * @param base what addresses begin with
 * @param name of the field that the value stands in
 */
export function toWhole(value: unknown, base: string, name = ""): unknown {
  if (Array.isArray(value)) return value.map((one) => toWhole(one, base, name));
  if (typeof value !== "object" || value === null) return value;
  const own: Json = Object.fromEntries(Object.entries(value).map(([field, one]) => [field, toWhole(one, base, field)]));
  const id = own["node_id"];
  const kind = typeof id === "string" ? id.slice(0, id.indexOf("_")) : (findKind(own) ?? name);
  const author = kind === "RE" ? { author: own["author"] ?? ghost(base) } : {};
  return { ...kinds[kind]?.(own, base), ...own, ...author };
}

/** Of what has no `node_id`. */
function findKind(json: Json): string | undefined {
  if ("merge_base_commit" in json) return "comparison";
  if ("pull_request" in json) return "issue";
  return "object" in json ? "reference" : undefined;
}

type Fill = (json: Json, base: string) => Json;

const addresses = (base: string, names: string): Json =>
  Object.fromEntries(names.split(" ").map((name) => [`${name}_url`, `${base}/${name}`]));

const user: Fill = ({ login }, base) => ({
  ...addresses(
    `${base}/users/${encodeURIComponent(String(login))}`,
    "avatar events followers following gists html organizations received_events repos starred subscriptions",
  ),
  gravatar_id: "",
});

const ghost = (base: string): unknown =>
  toWhole({ login: "ghost", id: 10_137, node_id: "U_10137", type: "User", site_admin: false, url: base }, base);

const repository: Fill = (_, base) => ({
  ...addresses(
    base,
    "archive assignees blobs branches collaborators comments commits compare contents contributors deployments downloads events " +
      "forks git_commits git_refs git_tags hooks html issue_comment issue_events issues keys labels languages merges milestones " +
      "notifications pulls releases stargazers statuses subscribers subscription tags teams trees clone git ssh svn",
  ),
  url: base,
  description: null,
  homepage: null,
  language: null,
  license: null,
  mirror_url: null,
  ...Object.fromEntries(counts.map((name) => [name, 0])),
  ...Object.fromEntries(abilities.map((name) => [`has_${name}`, true])),
});
const counts = [
  "forks",
  "forks_count",
  "open_issues",
  "open_issues_count",
  "size",
  "stargazers_count",
  "watchers",
  "watchers_count",
];
const abilities = ["downloads", "issues", "projects", "wiki", "pages"];

const links = (base: string, ...names: readonly string[]): Json =>
  Object.fromEntries(names.map((name) => [name, { href: `${base}/${name}` }]));

const pull: Fill = (json, base) => ({
  ...addresses(base, "comments commits diff html issue patch review_comment review_comments statuses"),
  url: base,
  _links: links(base, "comments", "commits", "statuses", "html", "issue", "review_comments", "review_comment", "self"),
  assignee: null,
  milestone: null,
  auto_merge: null,
  author_association: "CONTRIBUTOR",
  ...("merged" in json ? { mergeable: null, mergeable_state: "unknown", maintainer_can_modify: false } : {}),
});

const issue: Fill = ({ number }, base) => ({
  ...addresses(base, "comments events html labels repository"),
  url: base,
  id: number,
  node_id: "",
  state: "open",
  title: "",
  locked: false,
  comments: 0,
  labels: [],
  assignee: null,
  milestone: null,
  user: ghost(base),
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
  closed_at: null,
});

const kinds: Readonly<Record<string, Fill>> = {
  U: user,
  R: repository,
  PR: pull,
  PRR: (_, base) => ({
    ...addresses(base, "html pull_request"),
    author_association: "MEMBER",
    _links: links(base, "html", "pull_request"),
  }),
  C: (_, base) => ({ ...addresses(base, "html comments"), url: base }),
  E: (_, base) => ({ url: base, commit_url: null }),
  DE: (_, base) => ({ ...addresses(base, "statuses repository"), url: base }),
  DES: (_, base) => ({ ...addresses(base, "deployment target repository"), url: base }),
  RE: (_, base) => ({ ...addresses(base, "assets upload tarball zipball html"), url: base }),
  WFR: (json, base) => ({
    ...addresses(base, "html jobs logs check_suite cancel rerun artifacts workflow"),
    url: base,
    display_title: json["name"],
    path: ".github/workflows/build.yml",
    workflow_id: 1,
    pull_requests: [],
    head_repository: json["repository"],
    head_commit: {
      id: json["head_sha"],
      tree_id: json["head_sha"],
      message: "",
      timestamp: json["created_at"],
      author: { name: "somebody", email: "nobody@example.com" },
      committer: { name: "somebody", email: "nobody@example.com" },
    },
  }),
  issue,
  // parts of others, by the field that they stand in
  commit: (_, base) => ({ url: base }),
  tree: (_, base) => ({ url: base }),
  parents: (_, base) => ({ url: base }),
  object: (_, base) => ({ url: base }),
  labels: (_, base) => ({ url: base, node_id: "", description: "" }),
  pull_request: (_, base) => addresses(base, "diff html patch"),
  reference: (_, base) => ({ node_id: "REF_1", url: base }),
  comparison: (json, base) => ({
    ...addresses(base, "html permalink diff patch"),
    url: base,
    base_commit: json["merge_base_commit"],
  }),
};
