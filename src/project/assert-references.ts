// Checks that every name that a job refers to exists, so that a misspelt name is found when the project is loaded, and
// not when a run needs it.
import { MillraceError } from "../core/errors/errors.ts";
import { suggest } from "../core/errors/suggest.ts";
import { builtInJobNames } from "../core/job/built-in-job-names.ts";
import { channelsHint } from "../core/notification/assert-rules.ts";
import type { Job } from "../core/job/job.ts";
import type { Definitions } from "./definitions.ts";
import type { ProjectSettings } from "./load-settings.ts";
import { placeOfDefinition } from "./place-of-definition.ts";

export interface AssertReferencesOptions {
  readonly root: string;
  readonly settings: Pick<ProjectSettings, "limits" | "channels">;
}

/**
 * @throws MillraceError `JOB_INVALID` for an input that no job publishes and none declares external, a pool without a limit
 *   in the configuration, an unknown channel, and an unknown job in `spawns` or among the dependencies of a schedule
 */
export async function assertReferences(
  definitions: Definitions,
  { root, settings }: AssertReferencesOptions,
): Promise<void> {
  for (const reference of listReferences(definitions, settings)) {
    const { known, name, of, does, what, hint } = reference;
    if (known.has(name)) continue;
    const file = definitions.fileOf(of.name);
    const place = await placeOfDefinition(root, { file, name: of.name, options: reference.options, value: name });
    const where = `${of.kind} \`${of.name}\`${place === undefined ? "" : ` in ${place}`}`;
    const message = `${reference.part ?? ""}${where} ${does} unknown ${what} \`${name}\`${suggest(name, known)}`;
    throw new MillraceError("JOB_INVALID", message, { hint });
  }
}

interface Reference {
  readonly of: { readonly kind: "job" | "pipeline"; readonly name: string };
  readonly name: string;
  readonly known: ReadonlySet<string>;
  /** The part of the definition that names it, when it is not the definition itself. */
  readonly part?: string;
  /** The options that may name it. */
  readonly options: readonly string[];
  /** What the job does with it. */
  readonly does: string;
  readonly what: string;
  readonly hint: string;
}

const unpublished = {
  options: ["inputs", "source", "checks"],
  does: "reads",
  what: "dataset",
  hint: "no job of the project publishes it; what comes from elsewhere is declared: `dataset(name, { external: true })`",
};
const unlimited = {
  options: ["pool"],
  does: "uses",
  what: "pool",
  hint: "give it a size under `limits.pools` of millrace.config.ts",
};
const unreachable = { options: ["notifications"], does: "tells", what: "channel" };
const listed = "`millrace jobs` lists those of the project";
const unstartable = { options: ["spawns"], does: "starts", what: "job", hint: listed };
const unawaitable = {
  part: "the schedule of ",
  options: ["schedule"],
  does: "waits for",
  what: "job or pipeline",
  hint: listed,
};

function* listReferences(
  definitions: Definitions,
  { limits, channels }: Pick<ProjectSettings, "limits" | "channels">,
): Generator<Reference, void> {
  const jobs = [...definitions.jobs.values()];
  const datasets = new Set(jobs.flatMap((job) => [...job.outputs, ...job.declaredExternal]));
  const pools = new Set(Object.keys(limits.pools));
  const told = new Set(Object.keys(channels));
  const names = new Set([...definitions.names(), ...builtInJobNames]);
  for (const of of jobs) {
    for (const name of of.inputs) yield { ...unpublished, of, name, known: datasets };
    for (const name of poolsOf(of)) yield { ...unlimited, of, name, known: pools };
    for (const name of channelsOf(of)) yield { ...unreachable, of, name, known: told, hint: channelsHint(told) };
    for (const name of of.spawns) yield { ...unstartable, of, name, known: names };
  }
  for (const of of [...definitions.pipelines.values(), ...jobs]) {
    for (const name of of.schedule?.dependencies ?? []) yield { ...unawaitable, of, name, known: names };
  }
}

function channelsOf({ notifications = {} }: Job): readonly string[] {
  return Object.values(notifications)
    .flat()
    .filter((reference) => typeof reference === "string");
}

function poolsOf({ pool }: Job): readonly string[] {
  return pool === undefined ? [] : [pool];
}
