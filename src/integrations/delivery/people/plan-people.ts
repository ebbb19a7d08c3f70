// What is published of people, by team and service and never by person; a check refuses rows of fewer than are allowed.
import type { Check } from "../../../core/dataset/check.ts";
import type { Publication } from "../publications.ts";
import type { SettledRules } from "../rules/rules.ts";
import { type ServiceEnvironment, withTables } from "../sql-values.ts";
import { busFactorSelect, collaborationSelect, commitPatternSelect } from "./collaboration-sql.ts";

export const peopleDatasets = {
  collaboration: "delivery_collaboration",
  commitPatterns: "delivery_commit_patterns",
  busFactor: "delivery_bus_factor",
} as const;

export interface PeopleScope {
  readonly rules: SettledRules;
  /** Of all services: teams work for several. */
  readonly environments: readonly ServiceEnvironment[];
  /** Table expressions of the inputs. */
  readonly tables: readonly string[];
  readonly inputs: readonly string[];
}

export function planPeople({ rules, environments, tables, inputs }: PeopleScope): readonly Publication[] {
  const collaboration = collaborationSelect(rules);
  const patterns = commitPatternSelect(rules);
  const factors = busFactorSelect(rules, environments);
  const few: Check = {
    sql: `select team from rows where people < ${rules.leastPeople} or (is_suppressed and people is not null)`,
    name: "nothing of fewer people than are allowed",
  };
  return [
    {
      dataset: peopleDatasets.collaboration,
      sql: withTables([...tables, ...collaboration.tables], collaboration.select),
      inputs,
      key: ["team", "other_team", "period", "start_at", "metric"],
      checks: [few],
    },
    {
      dataset: peopleDatasets.commitPatterns,
      sql: withTables([...tables, ...patterns.tables], patterns.select),
      inputs,
      key: ["team", "weekday", "hour"],
      checks: [few, { range: { weekday: { min: 1, max: 7 }, hour: { min: 0, max: 23 } }, name: "weekdays and hours" }],
    },
    {
      dataset: peopleDatasets.busFactor,
      sql: withTables([...tables, ...factors.tables], factors.select),
      inputs,
      key: ["service"],
      checks: [{ sql: "select service from rows where bus_factor not between 1 and people", name: "bus factor" }],
    },
  ];
}
