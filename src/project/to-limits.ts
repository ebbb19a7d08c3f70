// The limits that a project's configuration and jobs state, as capacities of gates.
import type { Job } from "../core/job/job.ts";
import type { ProjectSettings } from "./load-settings.ts";

export interface Limit {
  readonly gate: string;
  readonly capacity: number;
}

/** `job:<name>`, `pool:<name>`, `connection:<name>` and `tenant:<name>`. */
export function toLimits({ limits }: Pick<ProjectSettings, "limits">, jobs: Iterable<Job>): Limit[] {
  const configured = (kind: string, capacities: Readonly<Record<string, number>>): Limit[] =>
    Object.entries(capacities).map(([name, capacity]) => ({ gate: `${kind}:${name}`, capacity }));
  const ofJobs = [...jobs].flatMap(({ name, concurrency }) =>
    concurrency === undefined ? [] : [{ gate: `job:${name}`, capacity: concurrency }],
  );
  return [
    ...configured("pool", limits.pools),
    ...configured("connection", limits.connections),
    ...configured("tenant", limits.tenants),
    ...ofJobs,
  ];
}
