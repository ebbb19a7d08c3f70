// `VALIDATION_RULES` of the job guide: its rules for issues, as checks of the dataset.
import { refusal } from "../../core/spec/parse-options.ts";

/** `VALIDATION_RULES`; rules for other services are theirs. */
export interface JiraValidation {
  readonly jira_issue?: {
    readonly required_fields?: readonly string[];
    readonly key_pattern?: string;
    readonly status_mapping?: string;
  };
  readonly github_pr?: unknown;
}

export interface IssueRules {
  /** Columns that have to have a value. */
  readonly required: readonly string[];
  /** RE2, for the whole key. */
  readonly keyPattern: string;
}

/** Letters, digits and `_`, such as `PROJ1-7`. */
const widePattern = "[A-Z][A-Z0-9_]+-\\d+";

const defaults: IssueRules = { required: ["key", "summary", "status_id", "created_at"], keyPattern: widePattern };

/** Fields of Jira by the columns that are made of them. */
const columns: Readonly<Record<string, string>> = {
  key: "key",
  summary: "summary",
  status: "status_id",
  created: "created_at",
  updated: "updated_at",
  issuetype: "type",
  project: "project_key",
  assignee: "assignee",
  reporter: "reporter",
  priority: "priority",
  resolutiondate: "resolved_at",
};

/** @throws MillraceError `JOB_INVALID` for a field, a pattern or a mapping that is not known */
export function readValidation(
  where: string,
  { jira_issue: given }: JiraValidation = {},
): { readonly rules: IssueRules; readonly notices: readonly string[] } {
  if (given === undefined) return { rules: defaults, notices: [] };
  const path = ["validation", "jira_issue"];
  const required = given.required_fields?.map((name) => {
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (column !== undefined) return column;
    throw refusal(where, [...path, "required_fields"], `names out of ${Object.keys(columns).join(", ")}`, name);
  });
  if (given.status_mapping !== undefined && given.status_mapping !== "project_specific") {
    throw refusal(where, [...path, "status_mapping"], "`project_specific`", given.status_mapping);
  }
  const { key_pattern: pattern = widePattern } = given;
  assertPattern(where, [...path, "key_pattern"], pattern);
  const isNarrow = narrow.has(unanchored(pattern));
  return {
    rules: { required: required ?? defaults.required, keyPattern: isNarrow ? widePattern : unanchored(pattern) },
    notices: isNarrow
      ? [
          `\`key_pattern\` of \`VALIDATION_RULES\` refuses keys such as \`PROJ1-7\`: \`${widePattern}\` is taken in its place`,
        ]
      : [],
  };
}

/** Patterns that refuse the keys of projects with digits in theirs. */
const narrow: ReadonlySet<string> = new Set(["[A-Z]+-\\d+", "[A-Z]+-[0-9]+"]);

/** Checks look at the whole value anyway. */
function unanchored(pattern: string): string {
  return pattern.replace(/^\^/, "").replace(/\$$/, "");
}

function assertPattern(where: string, path: readonly string[], pattern: string): void {
  try {
    new RegExp(pattern, "u").test("");
  } catch {
    throw refusal(where, path, "a regular expression", pattern);
  }
}
