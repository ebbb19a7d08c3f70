// Turns a job or a pipeline into one transaction's worth of runs and edges.
import { MillraceError } from "../../core/errors/errors.ts";
import type { Job } from "../../core/job/job.ts";
import type { JobPipeline } from "../../core/job/pipeline.ts";
import type { Window } from "../../core/schedule/window.ts";
import { toParamsKey } from "../../store/submit/params-key.ts";
import type { Json, NewEdge, NewRun, Submission } from "../../store/rows/run-records.ts";

export interface SubmissionOptions {
  readonly params: Readonly<Record<string, Json>>;
  readonly window?: Window | undefined;
  readonly tenant: string;
  readonly createdBy: string;
}

/**
 * The runs of a job (one) or of a pipeline (itself first, then its jobs in dependency order). Runs of jobs keep the limits
 * of their gates; a pipeline run does no work of its own and passes none.
 * @throws MillraceError `PIPELINE_INVALID`
 */
export function toSubmission(target: Job | JobPipeline<string>, options: SubmissionOptions): Submission {
  const shared = {
    params: options.params,
    tenant: options.tenant,
    createdBy: options.createdBy,
    ...(options.window ? { window: options.window } : {}),
  };
  const toRun = (job: Job): NewRun => ({
    job: job.name,
    kind: "job",
    ...shared,
    priority: job.priority,
    gates: toGates(job, options.tenant),
  });
  const runKey = toRunKey(target.name, options);
  if (target.kind === "job") return { runs: [toRun(target)], edges: [], runKey };
  const nodes = target.nodes();
  if (nodes.length === 0) {
    throw new MillraceError("PIPELINE_INVALID", `pipeline \`${target.name}\` has no jobs`, {
      hint: "add one with `addJob`",
    });
  }
  const positions = new Map(nodes.map((node, index) => [node.job.name, index + 1]));
  const edges = nodes.flatMap((node) =>
    node.dependsOn.map(({ job }): NewEdge => ({
      parent: positions.get(job) ?? 0,
      child: positions.get(node.job.name) ?? 0,
      onUpstreamFailure: node.onUpstreamFailure,
    })),
  );
  const root: NewRun = { job: target.name, kind: "pipeline", ...shared };
  const children = nodes.map((node): NewRun => ({ ...toRun(node.job), parent: 0 }));
  return { runs: [root, ...children], edges, runKey };
}

/**
 * What limits the runs of a job: its own concurrency, its pool, its connections and its tenant. The last three are named
 * whether or not they are limited now, so that a limit that is set later counts the runs that are there already.
 */
export function toGates({ name, concurrency, pool, connections }: Job, tenant: string): string[] {
  const own = concurrency === undefined ? [] : [`job:${name}`];
  const shared = pool === undefined ? [] : [`pool:${pool}`];
  return [...own, ...shared, ...connections.map((connection) => `connection:${connection}`), `tenant:${tenant}`];
}

/** Job, tenant, window and params in one text: the same trigger given twice names the same unfinished run. */
export function toRunKey(name: string, options: SubmissionOptions): string {
  const window = options.window === undefined ? "-" : `${options.window.from}/${options.window.to}`;
  return [name, options.tenant, window, toParamsKey(options.params)].join("|");
}
