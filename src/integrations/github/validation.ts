// `VALIDATION_RULES` of the job guide: its rules for pull requests, as checks of the dataset.
import { refusal } from "../../core/spec/parse-options.ts";

/** `VALIDATION_RULES`; rules for other services are theirs. */
export interface GithubValidation {
  readonly github_pr?: {
    readonly required_fields?: readonly string[];
    readonly date_format?: string;
    readonly state_values?: readonly string[];
  };
  readonly jira_issue?: unknown;
}

export interface PullRequestRules {
  readonly required: readonly string[];
  readonly states: readonly string[];
}

const defaults: PullRequestRules = {
  required: ["number", "title", "state", "created_at"],
  states: ["open", "closed", "merged"],
};

/** @throws MillraceError `JOB_INVALID` for a field or a date format that is not known */
export function readValidation(
  where: string,
  { github_pr: given }: GithubValidation = {},
): { readonly rules: PullRequestRules; readonly notices: readonly string[] } {
  if (given === undefined) return { rules: defaults, notices: [] };
  const { required_fields: required = defaults.required, state_values: states = defaults.states } = given;
  const path = ["validation", "github_pr"];
  const unknown = required.find((name) => !columns.has(name));
  if (unknown !== undefined) throw refusal(where, [...path, "required_fields"], "columns of pull requests", unknown);
  if (given.date_format !== undefined && given.date_format !== "ISO8601") {
    throw refusal(where, [...path, "date_format"], "`ISO8601`, which GitHub writes", given.date_format);
  }
  return { rules: { required, states }, notices: states.includes("merged") ? [mergedNotice] : [] };
}

const mergedNotice =
  "`state_values` of `VALIDATION_RULES` has `merged`, which GitHub does not say: a closed pull request with a `merged_at` is called so";

const columns: ReadonlySet<string> = new Set([
  "id",
  "number",
  "title",
  "state",
  "author",
  "base_ref",
  "head_ref",
  "head_sha",
  "created_at",
  "updated_at",
  "closed_at",
  "merged_at",
]);
