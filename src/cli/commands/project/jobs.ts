// `millrace jobs`: the pipelines of the project with their jobs, and the jobs that are in none.
import type { Job } from "../../../core/job/job.ts";
import type { JobPipeline } from "../../../core/job/pipeline.ts";
import type { Definitions } from "../../../project/definitions.ts";
import type { CommandContext } from "../../command-context.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { formatCountOf } from "../../print/format-value.ts";
import { listRemoteJobs } from "../../control/remote-jobs.ts";
import { cut, oneLine } from "../../print/table.ts";
import type { Terminal } from "../../print/terminal.ts";

export interface JobsOptions {
  readonly names?: true;
  readonly json?: true;
}

/** Loads the job files and opens no store; with a server it asks that. */
export async function jobs(context: CommandContext, options: JobsOptions): Promise<ExitCode> {
  if (context.environment.server !== undefined) return listRemoteJobs(context, options);
  const { definitions } = await context.loadProject();
  if (options.names) for (const name of definitions.names()) context.terminal.out(name);
  else if (options.json) printJson(context.terminal, definitions);
  else printText(context.terminal, definitions);
  return exitCodes.ok;
}

function printText(terminal: Terminal, definitions: Definitions): void {
  if (definitions.names().length === 0) {
    terminal.note("the project has no job yet; `jobs/` is where they go");
    return;
  }
  const out = (line: string): void => terminal.out(cut(line, terminal.width));
  const widths = columnWidths([...definitions.jobs.values()]);
  for (const pipeline of definitions.pipelines.values()) {
    const members = pipeline.nodes().map(({ job }) => job);
    const count = formatCountOf(members.length, "job");
    out(`${pipeline.name}  (pipeline, ${count})  ${definitions.fileOf(pipeline.name) ?? ""}`.trimEnd());
    if (pipeline.description !== undefined) out(`  ${oneLine(pipeline.description)}`);
    terminal.out();
    for (const job of members) printJob(out, job, widths, definitions.fileOf(job.name));
    terminal.out();
  }
  const single = listSingleJobs(definitions);
  if (single.length > 0 && definitions.pipelines.size > 0) terminal.out("in no pipeline\n");
  for (const job of single) printJob(out, job, widths, definitions.fileOf(job.name));
}

type ColumnWidths = readonly [name: number, layer: number, purpose: number];

function columnWidths(all: readonly Job[]): ColumnWidths {
  const longest = (texts: readonly (string | undefined)[]): number =>
    Math.max(0, ...texts.map((text) => text?.length ?? 0));
  return [
    longest(all.map((job) => job.name)),
    longest(all.map((job) => job.layer)),
    longest(all.map((job) => job.purpose)),
  ];
}

function printJob(out: (line: string) => void, job: Job, widths: ColumnWidths, file: string | undefined): void {
  const cells = [job.name, job.layer, job.purpose].map((text, index) => (text ?? "").padEnd(widths[index] ?? 0));
  out(`  ${[...cells, file ?? ""].join("  ").trimEnd()}`);
  if (job.description !== undefined) out(`    ${oneLine(job.description)}`);
  const data = formatDataFlow(job);
  if (data !== "") out(`    ${data}`);
}

function formatDataFlow({ inputs, outputs }: Job): string {
  const reads = inputs.join(", ");
  return outputs.length === 0 ? (reads === "" ? "" : `reads ${reads}`) : `${reads} → ${outputs.join(", ")}`.trimStart();
}

function printJson(terminal: Terminal, definitions: Definitions): void {
  const pipelines = [...definitions.pipelines.values()].map((pipeline) => describePipeline(pipeline, definitions));
  const all = [...definitions.jobs.values()].map((job) => describeJob(job, definitions));
  terminal.json({ schema: "millrace.jobs/1", pipelines, jobs: all });
}

function describePipeline(pipeline: JobPipeline<string>, definitions: Definitions): object {
  return {
    pipeline: pipeline.name,
    description: pipeline.description ?? null,
    file: definitions.fileOf(pipeline.name) ?? null,
    jobs: pipeline.nodes().map(({ job }) => job.name),
    externalInputs: pipeline.externalInputs(),
  };
}

function describeJob(job: Job, definitions: Definitions): object {
  const { inputs, outputs, timeoutMs, retry } = job;
  return {
    job: job.name,
    description: job.description ?? null,
    purpose: job.purpose ?? null,
    layer: job.layer ?? null,
    inputs,
    outputs,
    timeoutMs: timeoutMs ?? null,
    maxRetries: retry.maxRetries,
    file: definitions.fileOf(job.name) ?? null,
  };
}

function listSingleJobs(definitions: Definitions): Job[] {
  const members = new Set([...definitions.pipelines.values()].flatMap((each) => each.nodes().map(({ job }) => job)));
  return [...definitions.jobs.values()].filter((job) => !members.has(job));
}
