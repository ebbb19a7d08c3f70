// Which services have to be computed again: those whose rows have another signature than when they were computed last.
import { quote, type ServiceEnvironment, structsText } from "./sql-values.ts";

const tables = [
  ["pull_requests", "repository_id"],
  ["pull_request_commits", "repository_id"],
  ["reviews", "repository_id"],
  ["pull_request_events", "repository_id"],
  ["commits", "repository_id"],
  ["deployments", "repository_id"],
  ["deployment_statuses", "repository_id"],
  ["deployment_commits", "repository_id"],
] as const;

/**
 * `service, repository_id, environment, signature, rules_version` of every service: the signature is that of all rows of its repositories,
 * of its environments, and of the issues that may be incidents of it. Rows that change, come or go change it, in whatever order they
 * are. Incidents belong to all services, as only linking them says which one they are of; there are few. Needs all input tables.
 */
export function signatureSelect(
  environments: readonly ServiceEnvironment[],
  rulesVersion: string,
  isIncident: string,
  areIncidentsKnown: boolean,
): { readonly tables: readonly string[]; readonly select: string } {
  const columns = { service: "VARCHAR", repository_id: "BIGINT", environment: "VARCHAR" };
  const parts = tables.map(
    ([table, by]) =>
      `select ${by} as repository_id, ${rowsHash(`'${table}', t`)} as part from "${table}" t group by all`,
  );
  return {
    tables: [
      `service_environments as (select unnest(${structsText(environments, columns)}, recursive := true))`,
      `parts as (${parts.join("\nunion all\n")})`,
      `by_repository as (select repository_id, sum(part) as part from parts group by all)`,
      `incident_part as (select ${rowsHash("id, key, project_key, summary, labels, created_at, resolved_at, is_deleted")} as part from jira_issues t where ${isIncident})`,
      `signatures as (
        select e.service, ${rowsHash(`${areIncidentsKnown}, e.repository_id, e.environment, r.part, i.part`)} as signature
        from service_environments e left join by_repository r using (repository_id) cross join incident_part i group by all)`,
    ],
    select: `select e.service, e.repository_id, e.environment, s.signature::varchar as signature, ${quote(rulesVersion)} as rules_version
      from service_environments e join signatures s using (service)`,
  };
}

/**
 * A number for a set of rows in any order. Hashes of several values are linear in the last of them, so they are hashed once more: else the same change in
 * two rows would take itself back. A sum keeps rows that are there twice.
 */
export function rowsHash(values: string): string {
  return `coalesce(sum(hash(hash(${values}))::hugeint), 0)`;
}
