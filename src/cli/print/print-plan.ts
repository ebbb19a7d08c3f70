// `--dry-run`: the jobs of a run in order, with what they read, publish and wait for.
import type { RunPlan } from "../../orchestrator/submission/plan-run.ts";
import { printable, type Terminal } from "./terminal.ts";

/** Data on stdout, notices on stderr. */
export function printPlan(terminal: Terminal, plan: RunPlan, json: boolean): void {
  if (json) {
    terminal.json(toPlanJson(plan));
    return;
  }
  terminal.out(`${plan.kind} ${plan.name} would run ${plan.jobs.length} ${plan.jobs.length === 1 ? "job" : "jobs"}:`);
  for (const [index, job] of plan.jobs.entries()) {
    terminal.out(
      `${String(index + 1).padStart(3)}. ${job.job}${job.layer === undefined ? "" : ` (${job.layer})`}${job.description === undefined ? "" : `: ${printable(job.description)}`}`,
    );
    for (const { job: upstream, because } of job.dependsOn)
      terminal.out(`       after ${upstream}${because === undefined ? "" : `, whose dataset ${because} it reads`}`);
    if (job.outputs.length > 0) terminal.out(`       publishes ${job.outputs.join(", ")}`);
  }
  for (const notice of plan.notices) terminal.note(`note: ${printable(notice)}`);
  terminal.note("nothing was run");
}

function toPlanJson({ name, kind, jobs, notices }: RunPlan): object {
  return {
    job_name: name,
    kind,
    jobs: jobs.map(({ job, description, layer, dependsOn, inputs, outputs }) => ({
      job_name: job,
      description: description ?? null,
      layer: layer ?? null,
      depends_on: dependsOn.map((edge) => ({ job_name: edge.job, because: edge.because ?? null })),
      inputs,
      outputs,
    })),
    notices,
  };
}
