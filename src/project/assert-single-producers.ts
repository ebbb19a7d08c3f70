// A dataset has one job that publishes it, in the whole project: with two of them each run would undo or double the other's.
import { MillraceError } from "../core/errors/errors.ts";
import type { Job } from "../core/job/job.ts";
import type { Definitions } from "./definitions.ts";
import { placeOfDefinition } from "./place-of-definition.ts";

/** One job may be in several pipelines. @throws MillraceError `DATASET_DUPLICATE` naming both jobs and their files */
export async function assertSingleProducers(definitions: Definitions, root: string): Promise<void> {
  const producers = new Map<string, Job>();
  for (const job of definitions.jobs.values()) {
    for (const dataset of job.outputs) {
      const other = producers.get(dataset);
      if (other !== undefined) throw await refuse(definitions, { root, jobs: [other, job], dataset });
      producers.set(dataset, job);
    }
  }
}

interface Duplicate {
  readonly root: string;
  readonly jobs: readonly Job[];
  readonly dataset: string;
}

async function refuse(definitions: Definitions, { root, jobs, dataset: value }: Duplicate): Promise<MillraceError> {
  const described = jobs.map(async ({ name }) => {
    const file = definitions.fileOf(name);
    const place = await placeOfDefinition(root, { file, name, options: ["output", "outputs"], value });
    return place === undefined ? `\`${name}\`` : `\`${name}\` in ${place}`;
  });
  const message = `jobs ${(await Promise.all(described)).join(" and ")} both publish dataset \`${value}\``;
  return new MillraceError("DATASET_DUPLICATE", message, {
    hint: "give one of the outputs another name, and unite the two in a job that reads both",
  });
}
