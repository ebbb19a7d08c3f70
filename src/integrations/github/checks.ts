// Completeness, consistency, accuracy and timeliness of what GitHub gives. Rows that break a rule of their own are set aside, so that
// one bad row holds up no other; what only makes figures doubtful is a warning.
import type { Check } from "../../core/dataset/check.ts";
import type { GithubSettings } from "./options.ts";

export interface StreamChecks {
  readonly repositories: readonly Check[];
  readonly pullRequests: readonly Check[];
  readonly reviews: readonly Check[];
  readonly deployments: readonly Check[];
}

/** Before GitHub there was none of it. */
const firstInstant = "2007-10-01T00:00:00Z";
const aside = { severity: "quarantine" } as const;

export function createChecks({
  prefix,
  rules,
  timeliness,
}: Pick<GithubSettings, "prefix" | "rules" | "timeliness">): StreamChecks {
  const created = (name: string): Check => ({ range: { created_at: { min: firstInstant } }, ...aside, name });
  const known: Check = {
    references: { repository_id: `${prefix}repositories.id` },
    ...aside,
    name: "consistency: repository",
  };
  return {
    repositories: [{ notNull: ["full_name", "owner", "name"], ...aside, name: "completeness: repository" }],
    pullRequests: [
      { notNull: unique([...rules.required, "updated_at"]), ...aside, name: "completeness: pull request" },
      { acceptedValues: { state: [...rules.states] }, ...aside, name: "accuracy: state" },
      created("accuracy: created_at"),
      known,
      {
        sql: "select id from rows where merged_at < created_at or closed_at < created_at",
        severity: "warn",
        name: "consistency: closed before it was created",
      },
      ...(timeliness === undefined
        ? []
        : [
            {
              freshness: { column: "updated_at", within: timeliness },
              severity: "warn",
              name: "timeliness: newest pull request",
            } as const,
          ]),
    ],
    reviews: [
      { notNull: ["number", "state"], ...aside, name: "completeness: review" },
      {
        acceptedValues: { state: ["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED", "PENDING"] },
        ...aside,
        name: "accuracy: state",
      },
    ],
    deployments: [
      { notNull: ["sha", "environment", "created_at", "updated_at"], ...aside, name: "completeness: deployment" },
      created("accuracy: created_at"),
      known,
    ],
  };
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
