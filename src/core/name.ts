// The one rule for names of jobs, pipelines and datasets.
import { MillraceError } from "./errors/errors.ts";

export const namePattern: RegExp = /^[a-z][a-z0-9_]{0,99}$/;

/** @throws MillraceError `JOB_INVALID` unless `name` is `[a-z][a-z0-9_]*` */
export function assertName(
  kind: "job" | "pipeline" | "dataset" | "topic" | "lookup" | "store",
  name: unknown,
): asserts name is string {
  if (name === reservedName && (kind === "job" || kind === "pipeline")) {
    throw new MillraceError("JOB_INVALID", `expected a ${kind} name that is not taken, got: \`${reservedName}\``, {
      hint: "`jobs/orchestrator/start` of the API starts the engine; choose another name",
    });
  }
  if (typeof name === "string" && namePattern.test(name)) return;
  throw new MillraceError(
    "JOB_INVALID",
    `expected a ${kind} name of lower case letters, digits and \`_\`, got: \`${String(name)}\``,
    {
      hint: "names start with a letter and have at most 100 characters, for example `daily_sales`",
    },
  );
}

/** The engine's own name in the API. */
const reservedName = "orchestrator";
