// Which path answers what. A path that is not here answers 404, as one of a repository that is not shown does.
import type { Repository } from "../../organisation/entities.ts";
import {
  type Json,
  toCommitJson,
  toDeploymentJson,
  toEventJson,
  toPullDetailJson,
  toPullJson,
  toReleaseJson,
  toRepositoryJson,
  toReviewJson,
  toRunJson,
  toStatusJson,
} from "./github-json.ts";
import type { GithubState } from "./github-state.ts";

/** A list is cut into pages; `wrap` is what stands around the items of a page. */
export type Answer =
  | {
      readonly list: readonly Json[];
      readonly wrap?: (items: readonly Json[], total: number) => Json;
      readonly most?: number;
    }
  | { readonly one: Json }
  | { readonly status: number; readonly message: string; readonly location?: string };

type Query = URLSearchParams;
type Handler = (state: GithubState, repository: Repository, parts: readonly string[], query: Query) => Answer;

const missing: Answer = { status: 404, message: "Not Found" };
const emptyRepository: Answer = { status: 409, message: "Git Repository is empty." };

/** @param path without the query */
export function answerPath(state: GithubState, path: string, query: Query): Answer {
  const [, scope, first = "", second = "", ...rest] = path.split("/").map(decodeURIComponent);
  if ((scope === "orgs" || scope === "users") && second === "repos") return listRepositories(state, first);
  if (scope === "installation" && first === "repositories") {
    const wrap = (items: readonly Json[], total: number): Json => ({ total_count: total, repositories: items });
    return { list: [...state.repositories.values()].map(toRepositoryJson), wrap };
  }
  if (scope === "repositories") {
    const repository = state.repositories.get(Number(first));
    return repository === undefined ? missing : ofRepository(state, repository, [second, ...rest], query);
  }
  if (scope !== "repos") return missing;
  const repository = state.findRepository(`${first}/${second}`);
  if (repository !== undefined) return ofRepository(state, repository, rest, query);
  const moved = state.renamed.get(`${first}/${second}`.toLowerCase());
  if (moved === undefined) return missing;
  return { status: 301, message: "Moved Permanently", location: ["", "repositories", moved, ...rest].join("/") };
}

function listRepositories(state: GithubState, owner: string): Answer {
  const all = [...state.repositories.values()].filter((one) => one.owner.toLowerCase() === owner.toLowerCase());
  if (all.length === 0 && state.repositories.size > 0) return missing;
  return { list: all.toSorted((a, b) => (a.full_name < b.full_name ? -1 : 1)).map(toRepositoryJson) };
}

function ofRepository(state: GithubState, repository: Repository, parts: readonly string[], query: Query): Answer {
  const hidden = state.hidden.get(repository.id);
  if (hidden !== undefined) return hidden;
  const route = routes.find(
    ([pattern]) =>
      pattern.length === parts.length && pattern.every((one, index) => one === "*" || one === parts[index]),
  );
  if (route !== undefined) return route[1](state, repository, parts, query);
  const isRef = parts[0] === "git" && parts[1] === "ref" && parts[2] === "heads";
  return isRef ? showHead(state, repository, parts.slice(3).join("/")) : missing;
}

const routes: readonly (readonly [pattern: readonly string[], handler: Handler])[] = [
  [["pulls"], listPulls],
  [["pulls", "*"], showPull],
  [
    ["pulls", "*", "reviews"],
    (state, { id }, [, number]) => ({ list: state.ofPull(id, Number(number)).reviews.map(toReviewJson) }),
  ],
  [["pulls", "*", "commits"], listPullCommits],
  [["issues", "events"], listEvents],
  [["commits"], listCommits],
  [["compare", "*"], compare],
  [["deployments"], listDeployments],
  [["deployments", "*", "statuses"], listStatuses],
  [["releases"], listReleases],
  [["actions", "runs"], listRuns],
];

function newest<Row extends { readonly created_at: string; readonly id: number }>(
  rows: readonly Row[],
): readonly Row[] {
  return rows.toSorted((a, b) => (a.created_at === b.created_at ? b.id - a.id : a.created_at < b.created_at ? 1 : -1));
}

function listPulls(state: GithubState, repository: Repository, _: readonly string[], query: Query): Answer {
  const field = query.get("sort") === "updated" ? "updated_at" : "created_at";
  const sign = (query.get("direction") ?? (query.has("sort") ? "asc" : "desc")) === "asc" ? 1 : -1;
  const wanted = query.get("state") ?? "open";
  const all = [...state.pullRequests.values()]
    .filter((pull) => pull.repository_id === repository.id)
    .filter((pull) => wanted === "all" || (pull.state === "open") === (wanted === "open"))
    .toSorted((a, b) => sign * (a[field] === b[field] ? a.number - b.number : a[field] < b[field] ? -1 : 1));
  return { list: all.map((pull) => toPullJson(pull, repository)) };
}

function showPull(state: GithubState, repository: Repository, [, number]: readonly string[]): Answer {
  const pull = state.findPull(repository.id, Number(number));
  return pull === undefined ? missing : { one: toPullDetailJson(pull, repository) };
}

function listPullCommits(state: GithubState, { id }: Repository, [, number]: readonly string[]): Answer {
  const commits = state.ofPull(id, Number(number)).commits.toSorted((a, b) => a.position - b.position);
  return { list: commits.map(toCommitJson), most: 250 };
}

function listEvents(state: GithubState, { id }: Repository): Answer {
  return { list: newest(state.events.filter((event) => event.repository_id === id)).map(toEventJson) };
}

function showHead(state: GithubState, { id, default_branch: branch }: Repository, name: string): Answer {
  const sha = state.heads.get(id);
  if (sha === undefined) return emptyRepository;
  return name === branch ? { one: { ref: `refs/heads/${name}`, object: { type: "commit", sha } } } : missing;
}

function listCommits(state: GithubState, { id }: Repository, _: readonly string[], query: Query): Answer {
  const head = state.heads.get(id);
  if (head === undefined) return emptyRepository;
  const since = query.get("since") ?? "";
  const all = state
    .graph(id)
    .list(query.get("sha") ?? head)
    .filter((commit) => commit.committed_at >= since);
  return { list: all.map(toCommitJson) };
}

function compare(state: GithubState, { id }: Repository, [, pair = ""]: readonly string[]): Answer {
  const [base = "", head = ""] = pair.split("...");
  const found = state.graph(id).compare(base, head);
  if (found === undefined) return missing;
  const { status, ahead, behind, mergeBase } = found;
  const facts = { status, ahead_by: ahead.length, behind_by: behind, total_commits: ahead.length };
  const wrap = (commits: readonly Json[]): Json => ({
    ...facts,
    merge_base_commit: toCommitJson(mergeBase),
    commits,
    files: [],
  });
  return { list: ahead.map(toCommitJson), wrap };
}

function listDeployments(state: GithubState, { id }: Repository): Answer {
  const all = [...state.deployments.values()].filter((one) => one.repository_id === id);
  return { list: newest(all).map(toDeploymentJson) };
}

function listStatuses(state: GithubState, _: Repository, [, deployment]: readonly string[]): Answer {
  const all = state.statuses.filter((status) => status.deployment_id === Number(deployment));
  return { list: newest(all).map(toStatusJson) };
}

function listReleases(state: GithubState, { id }: Repository): Answer {
  return { list: newest(state.releases.filter((one) => one.repository_id === id)).map(toReleaseJson) };
}

function listRuns(state: GithubState, repository: Repository): Answer {
  const own = state.runs.filter((one) => one.repository_id === repository.id);
  const wrap = (items: readonly Json[], total: number): Json => ({ total_count: total, workflow_runs: items });
  return { list: newest(own).map((run) => toRunJson(run, repository)), wrap };
}
