// What a configuration says under `config` is for jobs that are there: under a misspelt name it would change nothing, silently.
import { MillraceError } from "../core/errors/errors.ts";
import { suggest } from "../core/errors/suggest.ts";
import { builtInJobNames } from "../core/job/built-in-job-names.ts";
import type { Definitions } from "./definitions.ts";
import { type ConfigLayer, placeOfSetting } from "./environments/config-layers.ts";
import type { ProjectSettings } from "./load-settings.ts";

export interface ConfiguredProject {
  readonly root: string;
  readonly layers: readonly ConfigLayer[];
  readonly settings: Pick<ProjectSettings, "config">;
}

/** @throws MillraceError `CONFIG_INVALID` with file, line and column */
export async function assertConfiguredJobs(definitions: Definitions, project: ConfiguredProject): Promise<void> {
  const { root, layers, settings } = project;
  const known = [...definitions.jobs.keys(), ...builtInJobNames];
  const unknown = Object.keys(settings.config).find((name) => !known.includes(name));
  if (unknown === undefined || layers.length === 0) return;
  const place = await placeOfSetting(layers, root, ["config", unknown]);
  throw new MillraceError(
    "CONFIG_INVALID",
    `${place}: unknown job \`${unknown}\` in \`config\` of the configuration${suggest(unknown, known)}`,
    {
      hint: definitions.pipelines.has(unknown)
        ? "a pipeline has no config; its jobs have"
        : "`config` is by the names of jobs: job name → its config; `millrace jobs` lists them",
    },
  );
}
