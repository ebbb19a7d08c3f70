// Params of a run that is about to be submitted, checked as its jobs will check them, so that a form can show what is wrong.
import { z } from "zod";
import { MillraceError } from "../../core/errors/errors.ts";
import { assertNoReplay } from "../../core/stream/replay-param.ts";
import { assertSample, withoutRunOptions } from "../../core/job/sample.ts";
import type { Job } from "../../core/job/job.ts";
import type { JobPipeline } from "../../core/job/pipeline.ts";
import { suggest } from "../../core/errors/suggest.ts";
import type { Json } from "../../store/rows/run-records.ts";
import type { RequestIssue } from "../request-invalid.ts";

const maxIssues = 50;

/**
 * The one rule of all who start a run by hand, over the API as on the command line.
 * @throws MillraceError `PARAMS_INVALID` with an issue for each place
 */
export function checkParams(target: Job | JobPipeline<string>, all: Readonly<Record<string, Json>>): void {
  const params = withoutRunOptions(all);
  const jobs = target.kind === "job" ? [target] : target.nodes().map(({ job }) => job);
  assertSample(all, jobs);
  assertNoReplay(all);
  const problems = [...findUndeclared(jobs, Object.keys(params)), ...jobs.flatMap((job) => findInvalid(job, params))];
  const [first] = problems;
  if (first === undefined) return;
  const declared = [...new Set(jobs.flatMap(declaredParams))];
  throw new MillraceError("PARAMS_INVALID", `params of \`${target.name}\`: ${first.sentence}`, {
    hint: declared.length === 0 ? "the job's page shows which params it takes" : `it takes: ${declared.join(", ")}`,
    details: { issues: problems.slice(0, maxIssues).map(({ path, message }) => ({ path, message })) },
  });
}

interface Problem extends RequestIssue {
  /** The message with the name of the param, for those who do not see the path. */
  readonly sentence: string;
}

// A run drops params that its job does not declare. Where every job declares some, one that none knows is a slip of the pen.
function findUndeclared(jobs: readonly Job[], names: readonly string[]): Problem[] {
  const shapes = jobs.map(declaredParams);
  if (shapes.some((shape) => shape.length === 0)) return [];
  const declared = new Set(shapes.flat());
  return names
    .filter((name) => !declared.has(name))
    .map((full) => {
      const name = full.slice(0, 100);
      const message = `no job declares the param \`${name}\`${suggest(name, declared)}`;
      return { path: `body.params.${name}`, message, sentence: message };
    });
}

function findInvalid(job: Job, params: Readonly<Record<string, Json>>): Problem[] {
  const declared = declaredParams(job);
  const entries = Object.entries(params).filter(([name]) => declared.length === 0 || declared.includes(name));
  const parsed = job.params.safeParse(Object.fromEntries(entries));
  if (parsed.success) return [];
  return parsed.error.issues.slice(0, maxIssues).map(({ path, message: what }) => {
    const name = path.map(String).join(".").slice(0, 180);
    const message = `${what} (job \`${job.name}\`)`;
    const sentence = name === "" ? message : `\`${name}\`: ${message}`;
    return { path: name === "" ? "body.params" : `body.params.${name}`, message, sentence };
  });
}

/** Empty for a job that takes whatever comes. */
function declaredParams({ params }: Job): readonly string[] {
  return params instanceof z.ZodObject ? Object.keys(params.shape) : [];
}
