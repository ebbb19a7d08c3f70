// What becomes of the JSON of GitHub: for each stream the fields that are read, the `select` that makes its columns, and the key of
// a row. Every field may be absent or null, as heads of deleted forks and users that are gone are.

/** One kind of rows out of answers. */
export interface Entity {
  /** Fields of the JSON with the type that they have where no row has them. */
  readonly fields: Readonly<Record<string, string>>;
  /** Columns → expressions over the fields. */
  readonly columns: Readonly<Record<string, string>>;
  readonly key: readonly string[];
  /** Which rows are wanted. Default: all. */
  readonly where?: string;
}

/** The `select` of an entity, for the step `sql` over `source`. */
export function toSelect({ columns, where }: Entity): string {
  const list = Object.entries(columns).map(([name, expression]) => `${expression} as "${name}"`);
  return `select ${list.join(", ")} from source${where === undefined ? "" : ` where ${where}`}`;
}

const id = (field = "id"): string => `try_cast("${field}" as bigint)`;
const text = (field: string): string => `cast("${field}" as varchar)`;
const flag = (field: string): string => `coalesce(try_cast("${field}" as boolean), false)`;
const at = (field: string): string => `try_cast("${field}" as timestamptz)`;
/** The text at a path below a field, NULL where anything on the way is. */
const below = (field: string, path: string): string => `(to_json("${field}")->>'$.${path}')`;
const atBelow = (field: string, path: string): string => `try_cast(${below(field, path)} as timestamptz)`;
const repository = { repository_id: id("repository_id") };
const json = "JSON";

export const repositoryEntity: Entity = {
  fields: {
    id: "BIGINT",
    full_name: "VARCHAR",
    owner: json,
    name: "VARCHAR",
    default_branch: "VARCHAR",
    archived: "BOOLEAN",
    disabled: "BOOLEAN",
    private: "BOOLEAN",
    created_at: "VARCHAR",
    pushed_at: "VARCHAR",
    updated_at: "VARCHAR",
  },
  columns: {
    id: id(),
    full_name: text("full_name"),
    owner: below("owner", "login"),
    name: text("name"),
    default_branch: text("default_branch"),
    is_archived: flag("archived"),
    is_disabled: flag("disabled"),
    is_private: flag("private"),
    created_at: at("created_at"),
    pushed_at: at("pushed_at"),
    updated_at: at("updated_at"),
  },
  key: ["id"],
};

export const pullRequestEntity: Entity = {
  fields: {
    id: "BIGINT",
    number: "INTEGER",
    title: "VARCHAR",
    state: "VARCHAR",
    draft: "BOOLEAN",
    user: json,
    base: json,
    head: json,
    merge_commit_sha: "VARCHAR",
    labels: json,
    created_at: "VARCHAR",
    updated_at: "VARCHAR",
    closed_at: "VARCHAR",
    merged_at: "VARCHAR",
  },
  columns: {
    id: id(),
    ...repository,
    number: id("number"),
    title: text("title"),
    state: `case when ${at("merged_at")} is not null then 'merged' else ${text("state")} end`,
    is_draft: flag("draft"),
    author: below("user", "login"),
    author_type: below("user", "type"),
    base_ref: below("base", "ref"),
    head_ref: below("head", "ref"),
    head_sha: below("head", "sha"),
    // before the merge it names a commit that only tries it
    merge_commit_sha: `case when ${at("merged_at")} is not null then ${text("merge_commit_sha")} end`,
    labels: `coalesce((to_json("labels")->>'$[*].name'), []::varchar[])`,
    created_at: at("created_at"),
    updated_at: at("updated_at"),
    closed_at: at("closed_at"),
    merged_at: at("merged_at"),
  },
  key: ["id"],
};

export const detailEntity: Entity = {
  fields: {
    id: "BIGINT",
    additions: "BIGINT",
    deletions: "BIGINT",
    changed_files: "BIGINT",
    commits: "BIGINT",
    merged_by: json,
  },
  columns: {
    id: id(),
    ...repository,
    additions: id("additions"),
    deletions: id("deletions"),
    changed_files: id("changed_files"),
    commit_count: id("commits"),
    merged_by: below("merged_by", "login"),
  },
  key: ["id"],
};

const author = (field = "commit"): Readonly<Record<string, string>> => ({
  author: `coalesce(${below("author", "login")}, ${below(field, "author.name")})`,
  authored_at: atBelow(field, "author.date"),
});

export const pullRequestCommitEntity: Entity = {
  fields: { sha: "VARCHAR", commit: json, author: json },
  columns: {
    ...repository,
    number: id("number"),
    sha: text("sha"),
    ...author(),
    committed_at: atBelow("commit", "committer.date"),
    message: below("commit", "message"),
  },
  key: ["repository_id", "number", "sha"],
};

export const reviewEntity: Entity = {
  fields: {
    id: "BIGINT",
    user: json,
    state: "VARCHAR",
    submitted_at: "VARCHAR",
    commit_id: "VARCHAR",
  },
  columns: {
    id: id(),
    ...repository,
    number: id("number"),
    reviewer: below("user", "login"),
    reviewer_type: below("user", "type"),
    state: `upper(${text("state")})`,
    submitted_at: at("submitted_at"),
    commit_sha: text("commit_id"),
  },
  key: ["id"],
};

export const eventEntity: Entity = {
  fields: { id: "BIGINT", event: "VARCHAR", actor: json, issue: json, created_at: "VARCHAR" },
  columns: {
    id: id(),
    ...repository,
    number: `try_cast(${below("issue", "number")} as bigint)`,
    event: text("event"),
    actor: below("actor", "login"),
    created_at: at("created_at"),
  },
  where: `"event" in ('ready_for_review', 'reopened', 'head_ref_force_pushed', 'convert_to_draft') and (to_json("issue")->'$.pull_request') is not null`,
  key: ["id"],
};

export const commitEntity: Entity = {
  fields: { sha: "VARCHAR", commit: json, author: json, committer: json, parents: json },
  columns: {
    ...repository,
    head_sha: text("head_sha"),
    sha: text("sha"),
    ...author(),
    committer: `coalesce(${below("committer", "login")}, ${below("commit", "committer.name")})`,
    committed_at: atBelow("commit", "committer.date"),
    message: below("commit", "message"),
    parents: `coalesce((to_json("parents")->>'$[*].sha'), []::varchar[])`,
  },
  key: ["repository_id", "head_sha", "sha"],
};

export const headEntity: Entity = {
  fields: { object: json },
  columns: { ...repository, pushed_at: at("pushed_at"), sha: below("object", "sha") },
  key: ["repository_id", "pushed_at"],
};

export const deploymentEntity: Entity = {
  fields: {
    id: "BIGINT",
    sha: "VARCHAR",
    ref: "VARCHAR",
    task: "VARCHAR",
    environment: "VARCHAR",
    original_environment: "VARCHAR",
    production_environment: "BOOLEAN",
    transient_environment: "BOOLEAN",
    creator: json,
    created_at: "VARCHAR",
    updated_at: "VARCHAR",
  },
  columns: {
    id: id(),
    ...repository,
    sha: text("sha"),
    ref: text("ref"),
    task: text("task"),
    environment: text("environment"),
    original_environment: text("original_environment"),
    is_production: flag("production_environment"),
    is_transient: flag("transient_environment"),
    creator: below("creator", "login"),
    created_at: at("created_at"),
    updated_at: at("updated_at"),
  },
  key: ["id"],
};

export const statusEntity: Entity = {
  fields: { id: "BIGINT", state: "VARCHAR", environment: "VARCHAR", created_at: "VARCHAR" },
  columns: {
    id: id(),
    ...repository,
    deployment_id: id("deployment_id"),
    state: text("state"),
    environment: text("environment"),
    created_at: at("created_at"),
  },
  key: ["id"],
};

export const releaseEntity: Entity = {
  fields: {
    id: "BIGINT",
    tag_name: "VARCHAR",
    name: "VARCHAR",
    target_commitish: "VARCHAR",
    draft: "BOOLEAN",
    prerelease: "BOOLEAN",
    created_at: "VARCHAR",
    published_at: "VARCHAR",
  },
  columns: {
    id: id(),
    ...repository,
    tag: text("tag_name"),
    name: text("name"),
    target: text("target_commitish"),
    is_draft: flag("draft"),
    is_prerelease: flag("prerelease"),
    created_at: at("created_at"),
    published_at: at("published_at"),
  },
  key: ["id"],
};

export const workflowRunEntity: Entity = {
  fields: {
    id: "BIGINT",
    name: "VARCHAR",
    event: "VARCHAR",
    status: "VARCHAR",
    conclusion: "VARCHAR",
    head_branch: "VARCHAR",
    head_sha: "VARCHAR",
    run_attempt: "BIGINT",
    created_at: "VARCHAR",
    run_started_at: "VARCHAR",
    updated_at: "VARCHAR",
  },
  columns: {
    id: id(),
    ...repository,
    name: text("name"),
    event: text("event"),
    status: text("status"),
    conclusion: text("conclusion"),
    head_branch: text("head_branch"),
    head_sha: text("head_sha"),
    attempt: id("run_attempt"),
    created_at: at("created_at"),
    started_at: at("run_started_at"),
    updated_at: at("updated_at"),
  },
  key: ["id"],
};

/** Comparisons: one row for each commit that the head is ahead, or one without a commit. */
export const comparisonFields: Readonly<Record<string, string>> = { status: "VARCHAR", commits: json };

/** @param pair columns that identify what was compared */
export function comparisonSelect(pair: readonly string[]): string {
  const names = pair.map((name) => `"${name}"`).join(", ");
  const typed = pair.map((name) => (name.endsWith("_id") ? `${id(name)} as "${name}"` : `"${name}"`)).join(", ");
  const commit = (path: string): string => `(commit->>'$.${path}')`;
  return `with pages as (
      select ${typed}, try_cast("page" as bigint) as page, cast("status" as varchar) as comparison,
        coalesce(from_json(to_json("commits"), '["JSON"]'), []::json[]) as list from source
    ), numbered as (
      select *, unnest(case when len(list) = 0 then [0] else range(1, len(list) + 1) end) as place from pages
    ), commits as (
      select ${names}, page, comparison, place, case when place > 0 then list[place] end as commit from numbered
    )
    select ${names}, comparison, case when place = 0 then 0 else (page - 1) * 100 + place - 1 end as position,
      ${commit("sha")} as sha, coalesce(${commit("author.login")}, ${commit("commit.author.name")}) as author,
      try_cast(${commit("commit.author.date")} as timestamptz) as authored_at,
      coalesce(${commit("committer.login")}, ${commit("commit.committer.name")}) as committer,
      try_cast(${commit("commit.committer.date")} as timestamptz) as committed_at,
      ${commit("commit.message")} as message, coalesce((commit->>'$.parents[*].sha'), []::varchar[]) as parents
    from commits where place > 0 or page = 1`;
}
