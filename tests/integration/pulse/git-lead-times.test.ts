// Lead times over a generated git repository are those that `git rev-list` gives: tags are deployments, and commits have been squashed, rebased,
// merged and taken away by force.
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { createRandom } from "../../../examples/pulse/organisation/random.ts";
import { walkCommits } from "../../../src/integrations/delivery/dora/walk-commits.ts";
import { doraJob } from "../../../src/integrations/delivery/dora/dora-job.ts";
import { createTestProject } from "../../../src/testing.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";
import { toNumber } from "../../support/pulse/to-values.ts";

const startAt = Date.parse("2026-01-05T00:00:00Z") / 1000;
const hour = 3600;
const folder = useTemporaryFolder("git-lead-times");

interface Tag {
  readonly sha: string;
  readonly at: number;
}

/** A repository with merges, squashes, rebases, force pushes to branches, and tags, one of which goes back. */
function createRepository(folder: string): { readonly git: (...args: string[]) => string; readonly tags: Tag[] } {
  const random = createRandom(11, "git");
  let at = startAt;
  const git = (...args: string[]): string =>
    execFileSync("git", args, {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      env: {
        PATH: process.env["PATH"],
        HOME: folder,
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_AUTHOR_NAME: "a",
        GIT_AUTHOR_EMAIL: "a@example.com",
        GIT_COMMITTER_NAME: "a",
        GIT_COMMITTER_EMAIL: "a@example.com",
        GIT_AUTHOR_DATE: `${at} +0000`,
        GIT_COMMITTER_DATE: `${at} +0000`,
      },
    }).trim();
  const commit = (message: string): void => {
    at += random.between(1, 3) * hour;
    git("commit", "-q", "--allow-empty", "-m", message);
  };
  git("init", "-q", "-b", "main");
  commit("first");
  const tags: Tag[] = [{ sha: git("rev-parse", "HEAD"), at: at + hour }];
  for (let index = 0; index < 24; index += 1) {
    git("checkout", "-q", "-b", `change-${index}`);
    commit(`part 1 of ${index}`);
    commit(`part 2 of ${index}`);
    // a force push: the branch has another last commit than before
    if (index % 5 === 0) git("commit", "-q", "--amend", "--allow-empty", "-m", `other part 2 of ${index}`);
    git("checkout", "-q", "main");
    if (index % 3 === 0) commit(`pushed to main directly ${index}`);
    at += hour;
    if (index % 4 === 0) git("merge", "-q", "--no-ff", "-m", `merge ${index}`, `change-${index}`);
    else if (index % 4 === 1) git("cherry-pick", "--allow-empty", `main..change-${index}`);
    else commit(`squash of ${index}`);
    if (index % 3 === 2) tags.push({ sha: git("rev-parse", "HEAD"), at: at + hour });
    if (index === 14) tags.push({ sha: tags.at(-2)!.sha, at: at + 2 * hour });
    at += 3 * hour;
  }
  return { git, tags };
}

test("commits between tags, and their lead times, are those of `git rev-list`", async () => {
  const { git, tags } = createRepository(folder());
  const log = git("log", "--all", "--format=%H %ct %P").split("\n");
  const commits = log.map((line) => {
    const [sha = "", committedAt = "", ...parents] = line.split(" ");
    return { sha, committedAt: Number(committedAt), parents: parents.filter((parent) => parent !== "") };
  });
  const history = new Map(commits.map(({ sha, parents }) => [sha, parents]));
  const expected = new Map<string, number>();
  for (const [index, { sha, at }] of tags.entries()) {
    const before = tags[index - 1];
    if (before === undefined) continue;
    const brought = git("rev-list", `${before.sha}..${sha}`)
      .split("\n")
      .filter((line) => line !== "");
    const walked = walkCommits({ deployment_id: index, repository_id: 1, base: before.sha, head: sha }, history);
    expect(new Set(walked.flatMap((row) => row.sha ?? []))).toEqual(new Set(brought));
    expect(walked[0]!.comparison).toBe(brought.length === 0 ? "behind" : "ahead");
    for (const one of brought) {
      const { committedAt } = commits.find((commit) => commit.sha === one)!;
      if (!expected.has(one)) expected.set(one, at - committedAt);
    }
  }
  const toText = (seconds: number): string => new Date(seconds * 1000).toISOString();
  const deployments = tags.map(({ sha, at }, index) => ({
    id: index + 1,
    repository_id: 1,
    sha,
    ref: "main",
    environment: "production",
    created_at: toText(at),
  }));
  await using project = await createTestProject({ now: "2026-06-01T00:00:00Z" });
  const run = await project.run(doraJob({ name: "dora" }), {
    inputs: {
      github_repositories: [{ id: 1, full_name: "acme/git" }],
      github_pull_requests: {
        columns: {
          repository_id: "BIGINT",
          number: "BIGINT",
          title: "VARCHAR",
          state: "VARCHAR",
          is_draft: "BOOLEAN",
          author: "VARCHAR",
          author_type: "VARCHAR",
          head_ref: "VARCHAR",
          merge_commit_sha: "VARCHAR",
          labels: "VARCHAR[]",
          created_at: "TIMESTAMPTZ",
          updated_at: "TIMESTAMPTZ",
          closed_at: "TIMESTAMPTZ",
          merged_at: "TIMESTAMPTZ",
          additions: "BIGINT",
          deletions: "BIGINT",
          changed_files: "BIGINT",
          commit_count: "BIGINT",
          merged_by: "VARCHAR",
        },
        rows: [],
      },
      github_deployments: deployments,
      github_deployment_statuses: deployments.map(({ id, created_at }) => ({
        repository_id: 1,
        deployment_id: id,
        state: "success",
        created_at,
      })),
      github_commits: {
        columns: {
          repository_id: "BIGINT",
          sha: "VARCHAR",
          author: "VARCHAR",
          authored_at: "TIMESTAMPTZ",
          committed_at: "TIMESTAMPTZ",
          message: "VARCHAR",
          parents: "VARCHAR[]",
          is_removed: "BOOLEAN",
        },
        rows: commits.map(({ sha, committedAt, parents }) => ({
          repository_id: 1,
          sha,
          author: "a",
          authored_at: toText(committedAt),
          committed_at: toText(committedAt),
          message: "",
          parents,
          is_removed: false,
        })),
      },
    },
  });
  const leads = new Map(run.output["delivery_commit_leads"]!.map((row) => [row["sha"], toNumber(row["lead_seconds"])]));
  expect(expected.size).toBeGreaterThan(40);
  expect(leads).toEqual(expected);
  expect(run.output["delivery_deployments"]!.map((row) => row["comparison"])).toContain("behind");
});
