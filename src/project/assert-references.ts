// Checks that every name that a job refers to exists, so that a misspelt name is found when the project is loaded, and
// not when a run needs it.
import { MillraceError } from "../core/errors/errors.ts";
import { suggest } from "../core/errors/suggest.ts";
import { builtInJobNames } from "../core/job/built-in-job-names.ts";
import type { Job } from "../core/job/job.ts";
import type { Definitions } from "./definitions.ts";
import type { ProjectSettings } from "./load-settings.ts";

/**
 * @throws MillraceError `JOB_INVALID` for an input that no job publishes and none declares external, a pool without a limit
 *   in the configuration, and an unknown job in `spawns` or among the dependencies of a schedule
 */
export function assertReferences(definitions: Definitions, { limits }: Pick<ProjectSettings, "limits">): void {
  const jobs = [...definitions.jobs.values()];
  const datasets = new Set(jobs.flatMap((job) => [...job.outputs, ...job.declaredExternal]));
  const pools = new Set(Object.keys(limits.pools));
  const names = new Set([...definitions.names(), ...builtInJobNames]);
  for (const job of jobs) {
    const where = placeOf(definitions, "job", job.name);
    for (const input of job.inputs) assertKnown(datasets, input, { ...unpublished, where });
    for (const pool of poolsOf(job)) assertKnown(pools, pool, { ...unlimited, where });
    for (const spawned of job.spawns) assertKnown(names, spawned, { where, does: "starts", what: "job", hint: listed });
  }
  for (const { kind, name, schedule } of [...definitions.pipelines.values(), ...jobs]) {
    const where = `the schedule of ${placeOf(definitions, kind, name)}`;
    for (const awaited of schedule?.dependencies ?? []) {
      assertKnown(names, awaited, { where, does: "waits for", what: "job or pipeline", hint: listed });
    }
  }
}

interface Reference {
  readonly where: string;
  /** What the job does with it. */
  readonly does: string;
  readonly what: string;
  readonly hint: string;
}

const unpublished = {
  does: "reads",
  what: "dataset",
  hint: "no job of the project publishes it; what comes from elsewhere is declared: `dataset(name, { external: true })`",
};
const unlimited = { does: "uses", what: "pool", hint: "give it a size under `limits.pools` of millrace.config.ts" };
const listed = "`millrace jobs` lists those of the project";

function assertKnown(known: ReadonlySet<string>, name: string, { where, does, what, hint }: Reference): void {
  if (known.has(name)) return;
  const message = `${where} ${does} unknown ${what} \`${name}\`${suggest(name, known)}`;
  throw new MillraceError("JOB_INVALID", message, { hint });
}

function placeOf(definitions: Definitions, kind: "job" | "pipeline", name: string): string {
  const file = definitions.fileOf(name);
  return `${kind} \`${name}\`${file === undefined ? "" : ` in ${file}`}`;
}

function poolsOf({ pool }: Job): readonly string[] {
  return pool === undefined ? [] : [pool];
}
