// Which environments of which repositories belong to which service.
import { matchesAny, type SettledRules } from "../rules/rules.ts";
import type { ServiceEnvironment } from "../sql-values.ts";

export interface KnownEnvironment {
  readonly repository_id: number;
  readonly full_name: string;
  /** Null for a repository that has no deployment. */
  readonly environment: string | null;
}

/**
 * A repository that no rule names is a service of its own. Each service has an entry for each of its repositories, also where none of
 * its environments is production: with the environment `""`, which no deployment has.
 */
export function findServices(known: readonly KnownEnvironment[], rules: SettledRules): readonly ServiceEnvironment[] {
  const found = new Map<string, ServiceEnvironment>();
  for (const { repository_id, full_name, environment } of known) {
    const declared = rules.services.filter(({ repositories }) => matchesAny(repositories, full_name));
    const services = declared.length > 0 ? declared : [{ name: full_name, repositories: [full_name] }];
    for (const { name: service, environments = rules.production } of services) {
      const names = environment !== null && matchesAny(environments, environment) ? ["", environment] : [""];
      for (const name of names) {
        found.set(JSON.stringify([service, repository_id, name]), { service, repository_id, environment: name });
      }
    }
  }
  return [...found.values()];
}
