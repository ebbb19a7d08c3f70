// The four kinds of quality that the datasets of Jira are looked at for. Rows that cannot be used are set aside; what only looks odd is told.
import type { Check } from "../../core/dataset/check.ts";
import type { JiraSettings } from "./options.ts";

/** Checks by the stream that they are of. */
export interface JiraChecks {
  readonly server: readonly Check[];
  readonly projects: readonly Check[];
  readonly statuses: readonly Check[];
  readonly issues: readonly Check[];
  readonly changes: readonly Check[];
  readonly sprints: readonly Check[];
}

const states = ["future", "active", "closed"];
const categories = ["new", "indeterminate", "done", "undefined"];

export function createChecks({ deployment, projects, prefix, rules, timeliness }: JiraSettings): JiraChecks {
  const type = deployment === "cloud" ? "Cloud" : "Server";
  const listed = projects.map((key) => `('${key}')`).join(", ");
  return {
    server: [{ name: "deployment", sql: `select * from rows where deployment_type <> '${type}'`, severity: "warn" }],
    projects: [
      { unique: ["id"] },
      { notNull: ["id", "key"] },
      ...(projects.length === 0
        ? []
        : [
            {
              name: "projects that were asked for",
              sql: `select key from (values ${listed}) asked(key) where key not in (select key from rows)`,
              severity: "warn",
            } as const,
          ]),
    ],
    statuses: [{ notNull: ["id"] }, { acceptedValues: { category_key: categories }, severity: "warn" }],
    issues: [
      // completeness
      { name: "required fields", notNull: rules.required, severity: "quarantine" },
      // accuracy
      { name: "key pattern", pattern: { key: rules.keyPattern }, severity: "quarantine" },
      { name: "status category", acceptedValues: { status_category: categories }, severity: "quarantine" },
      { name: "points", range: { points: { min: 0, max: 1_000_000 } }, severity: "warn" },
      { name: "points that are no number", sql: "select id from rows where points_text is not null", severity: "warn" },
      { name: "sprints that are no list", sql: "select id from rows where sprint_text is not null", severity: "warn" },
      { name: "order of times", sql: "select id from rows where updated_at < created_at", severity: "warn" },
      // consistency
      { name: "project", references: { project_key: `${prefix}projects.key` }, severity: "warn" },
      // timeliness
      ...(timeliness === undefined
        ? []
        : [{ freshness: { column: "updated_at", within: timeliness }, severity: "warn" } as const]),
    ],
    changes: [
      { notNull: ["id", "issue_id", "created_at"], severity: "quarantine" },
      { name: "issue", references: { issue_id: `${prefix}issue_records.id` }, severity: "warn" },
    ],
    sprints: [
      { acceptedValues: { state: states }, severity: "quarantine" },
      {
        name: "end of closed sprints",
        sql: "select id from rows where state = 'closed' and complete_at is null",
        severity: "warn",
      },
    ],
  };
}
