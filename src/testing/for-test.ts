// Gives errors about what a job does not find a hint for the author of its test, who gives the job its world.
import { MillraceError } from "../core/errors/errors.ts";

/** The error as a test should see it; anything but a missing job, dataset or upstream result stays as it is. */
export function forTest(thrown: unknown): unknown {
  if (!(thrown instanceof MillraceError)) return thrown;
  const { code, message, details = {}, cause } = thrown;
  const hint = hintFor(code, details);
  return hint === undefined ? thrown : new MillraceError(code, message, { hint, details, cause });
}

function hintFor(code: string, { job, upstream, dataset }: Readonly<Record<string, unknown>>): string | undefined {
  if (code === "DATASET_UNKNOWN" && typeof dataset === "string")
    return `give the test its rows: \`inputs: { ${dataset}: [ … ] }\``;
  if (code !== "JOB_UNKNOWN") return undefined;
  if (typeof upstream === "string")
    return `give the test its result: \`upstream: { ${upstream}: … }\`; in a test of a pipeline, name it in \`dependsOn\``;
  if (typeof job === "string")
    return `give the test what it returns: \`spawns: { ${job}: … }\`; or the job itself: \`jobs: [ … ]\``;
  return undefined;
}
