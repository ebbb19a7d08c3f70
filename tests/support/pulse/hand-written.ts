// Histories of repositories written by hand, one thing after the other, as the datasets that `doraJob` reads.
import type { GivenRows } from "../../../src/testing.ts";
import { toInputs } from "./to-inputs.ts";

/** `2026-01-05 10:00` in UTC. */
export type Minute = string;

export interface WrittenPullRequest {
  readonly merged: Minute;
  /** When its commits were authored. */
  readonly authored?: readonly Minute[];
  /** Default: when the first commit was authored. */
  readonly created?: Minute;
  readonly sha: string;
  readonly title?: string;
  readonly author?: string | null;
  readonly authorType?: "User" | "Bot" | null;
  readonly head?: string;
  readonly labels?: readonly string[];
  readonly ready?: Minute;
  /** Who said what, and when. */
  readonly reviews?: readonly (readonly [reviewer: string, state: string, at: Minute, type?: string])[];
}

export interface WrittenDeployment {
  readonly id: number;
  readonly sha: string;
  readonly environment?: string;
  /** Statuses in their order; default: one success. */
  readonly statuses?: readonly (readonly [state: string, at: Minute])[];
  readonly at?: Minute;
  /** What it brought; the first deployment of an environment has none. */
  readonly brought?: readonly string[];
  readonly base?: string;
  readonly comparison?: string;
}

export interface WrittenRepository {
  pull(number: number, pull: WrittenPullRequest): void;
  deploy(deployment: WrittenDeployment): void;
  commit(sha: string, at: Minute, isRemoved?: boolean): void;
}

export function toInstant(minute: Minute): string {
  return `${minute.replace(" ", "T")}:00Z`;
}

/** Collects repositories, and gives them as datasets. */
export function createHistories(): {
  repository(name: string): WrittenRepository;
  inputs(): Record<string, GivenRows>;
} {
  const rows: Record<string, object[]> = Object.fromEntries(
    ["repositories", "pull_requests", "pull_request_commits", "reviews", "pull_request_events", "commits"]
      .concat("deployments", "deployment_statuses", "deployment_commits")
      .map((name) => [name, []]),
  );
  const add = (name: string, row: object): void => void rows[name]?.push(row);
  return {
    repository: (name) => writeRepository(add, (rows["repositories"]?.length ?? 0) + 1, name),
    inputs: () => toInputs({ github: rows, jira: {} } as never),
  };
}

function writeRepository(add: (name: string, row: object) => void, id: number, name: string): WrittenRepository {
  const own = { repository_id: id };
  add("repositories", { id, full_name: name });
  return {
    pull: (number, { sha, title = `change ${number}`, author = "ada", authorType = "User", ...pull }) => {
      const { authored = [], created = authored[0] ?? pull.merged, merged, head = `change-${number}` } = pull;
      add("pull_requests", {
        ...own,
        number,
        title,
        state: "merged",
        is_draft: false,
        author,
        author_type: authorType,
        head_ref: head,
        merge_commit_sha: sha,
        labels: pull.labels ?? [],
        created_at: toInstant(created),
        updated_at: toInstant(merged),
        closed_at: toInstant(merged),
        merged_at: toInstant(merged),
        additions: 1,
        deletions: 1,
        changed_files: 1,
        commit_count: Math.max(1, authored.length),
        merged_by: author,
      });
      for (const [index, at] of authored.entries()) {
        add("pull_request_commits", { ...own, number, sha: `${sha}-${index}`, authored_at: toInstant(at) });
      }
      if (pull.ready !== undefined) {
        add("pull_request_events", { ...own, number, event: "ready_for_review", created_at: toInstant(pull.ready) });
      }
      for (const [reviewer, state, at, type = "User"] of pull.reviews ?? []) {
        add("reviews", { ...own, number, reviewer, reviewer_type: type, state, submitted_at: toInstant(at) });
      }
    },
    deploy: ({ id: deployment, sha, environment = "production", at = "", brought = [], ...one }) => {
      const statuses = one.statuses ?? [["success", at] as const];
      const created_at = toInstant(statuses[0]?.[1] ?? at);
      add("deployments", { id: deployment, ...own, sha, ref: "main", environment, created_at });
      for (const [state, since] of statuses) {
        add("deployment_statuses", { ...own, deployment_id: deployment, state, created_at: toInstant(since) });
      }
      if (one.base === undefined) return;
      const comparison = one.comparison ?? "ahead";
      for (const commit of brought.length === 0 ? [null] : brought) {
        add("deployment_commits", { ...own, deployment_id: deployment, base_sha: one.base, comparison, sha: commit });
      }
    },
    commit: (sha, at, isRemoved = false) =>
      add("commits", {
        ...own,
        sha,
        author: "ada",
        authored_at: toInstant(at),
        committed_at: toInstant(at),
        message: "",
        parents: [],
        is_removed: isRemoved,
      }),
  };
}
