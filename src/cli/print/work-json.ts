// The same as JSON, with every unit.
import type { PlannedWork } from "../../app/plan-work.ts";
import type { PlannedRead } from "../../core/dataset/source-plan.ts";
import type { JobPlan } from "../../core/job/job-plan.ts";

export function toWorkJson(name: string, work: readonly PlannedWork[]): object {
  return { job_name: name, jobs: work.map(toJobJson) };
}

function toJobJson({ job, plan, problem, renewed, nextFireAt }: PlannedWork): object {
  return {
    job_name: job,
    plan: plan === undefined ? null : toPlanJson(plan),
    problem:
      problem === undefined ? null : { code: problem.code, message: problem.message, hint: problem.hint ?? null },
    renewed_inputs: renewed,
    next_fire_at: nextFireAt ?? null,
  };
}

function toPlanJson({ units, deferred, source, sql, inputs, output, notes }: JobPlan): object {
  return {
    units: units.map(({ key, window, watermark }) => ({
      unit: key,
      from: window?.from ?? null,
      to: window?.to ?? null,
      watermark: watermark ?? null,
    })),
    deferred_units: deferred,
    source:
      source === undefined
        ? null
        : { kind: source.kind, reads: source.reads.map(toReadJson), then: source.then ?? null },
    sql,
    inputs: inputs.map(({ dataset, version, rows }) => ({ dataset, version: version ?? null, rows: rows ?? null })),
    output: {
      dataset: output.dataset,
      mode: output.mode,
      targets: output.targets,
      version: output.version ?? null,
      columns: output.columns ?? null,
    },
    notes,
  };
}

function toReadJson(read: PlannedRead): object {
  if (!("request" in read)) return read;
  const { method, address, headers, body, connection } = read.request;
  return { unit: read.unit, method, address, headers, body: body ?? null, connection: connection ?? null };
}
