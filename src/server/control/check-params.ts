// Params of a run that is about to be submitted, checked as its jobs will check them, so that a form can show what is wrong.
import { z } from "zod";
import { MillraceError } from "../../core/errors/errors.ts";
import { withoutFullRefresh } from "../../core/job/full-refresh.ts";
import type { Job } from "../../core/job/job.ts";
import type { JobPipeline } from "../../core/job/pipeline.ts";
import { suggest } from "../../core/errors/suggest.ts";
import type { Json } from "../../store/rows/run-records.ts";
import type { RequestIssue } from "../request-invalid.ts";

const maxIssues = 50;

/** @throws MillraceError `PARAMS_INVALID` with an issue for each place */
export function checkParams(target: Job | JobPipeline<string>, all: Readonly<Record<string, Json>>): void {
  const params = withoutFullRefresh(all);
  const jobs = target.kind === "job" ? [target] : target.nodes().map(({ job }) => job);
  const issues = [...findUndeclared(jobs, Object.keys(params)), ...jobs.flatMap((job) => findInvalid(job, params))];
  const [first] = issues;
  if (first === undefined) return;
  throw new MillraceError("PARAMS_INVALID", `params of \`${target.name}\`: ${first.message}`, {
    hint: "the job's page shows which params it takes",
    details: { issues: issues.slice(0, maxIssues) },
  });
}

// A run drops params that its job does not declare. Where every job declares some, one that none knows is a slip of the pen.
function findUndeclared(jobs: readonly Job[], names: readonly string[]): RequestIssue[] {
  const shapes = jobs.map(declaredParams);
  if (shapes.some((shape) => shape.length === 0)) return [];
  const declared = new Set(shapes.flat());
  return names
    .filter((name) => !declared.has(name))
    .map((name) => ({
      path: `body.params.${name.slice(0, 100)}`,
      message: `no job declares the param \`${name.slice(0, 100)}\`${suggest(name.slice(0, 100), declared)}`,
    }));
}

function findInvalid(job: Job, params: Readonly<Record<string, Json>>): RequestIssue[] {
  const declared = declaredParams(job);
  const entries = Object.entries(params).filter(([name]) => declared.length === 0 || declared.includes(name));
  const parsed = job.params.safeParse(Object.fromEntries(entries));
  if (parsed.success) return [];
  return parsed.error.issues.slice(0, maxIssues).map(({ path, message }) => ({
    path: ["body", "params", ...path.map(String)].join(".").slice(0, 200),
    message: `${message} (job \`${job.name}\`)`,
  }));
}

/** Empty for a job that takes whatever comes. */
function declaredParams({ params }: Job): readonly string[] {
  return params instanceof z.ZodObject ? Object.keys(params.shape) : [];
}
