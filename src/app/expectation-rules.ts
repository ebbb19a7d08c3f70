// What a project expects in time: of its jobs and pipelines, of what they publish, and of datasets that the configuration names.
import { type Freshness, toFreshness } from "../core/dataset/freshness.ts";
import type { ExpectationRules } from "../orchestrator/expectations/expectation-rules.ts";
import type { Definitions } from "../project/definitions.ts";
import type { ProjectSettings } from "../project/load-settings.ts";

/** The rules by the names of jobs and datasets. What a job says of its output goes before the configuration. */
export function toExpectationRules(
  { freshness }: Pick<ProjectSettings, "freshness">,
  { jobs, pipelines }: Pick<Definitions, "jobs" | "pipelines">,
): ExpectationRules {
  const watched = [...pipelines.values(), ...jobs.values()];
  const configured = Object.entries(freshness).map(([name, options]) => [name, toFreshness(options)] as const);
  const declared = [...jobs.values()].flatMap(({ output }): readonly (readonly [string, Freshness])[] =>
    output?.freshness === undefined ? [] : [[output.dataset, toFreshness(output.freshness)]],
  );
  return {
    jobs: new Map(watched.flatMap(({ name, sla }) => (sla === undefined ? [] : [[name, sla] as const]))),
    datasets: new Map([...configured, ...declared]),
  };
}

/** The job that publishes each dataset. */
export function producersOf({ jobs }: Pick<Definitions, "jobs">): ReadonlyMap<string, string> {
  return new Map([...jobs.values()].flatMap(({ name, outputs }) => outputs.map((dataset) => [dataset, name] as const)));
}
