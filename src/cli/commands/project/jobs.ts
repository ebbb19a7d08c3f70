// `millrace jobs`: the pipelines of the project with their jobs, and the jobs that are in none.
import type { CommandContext } from "../../command-context.ts";
import { type ListedJob, listProjectJobs } from "../../control/list-jobs.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { formatWhen } from "../../print/format-time.ts";
import { formatCountOf, formatElapsed } from "../../print/format-value.ts";
import { cut, oneLine } from "../../print/table.ts";
import type { Terminal } from "../../print/terminal.ts";

export interface JobsOptions {
  /** Only names, one a line, pipelines first. */
  readonly names?: true;
  readonly json?: true;
}

/** What the project defines, with the state of each one's last run. */
export async function jobs(context: CommandContext, options: JobsOptions): Promise<ExitCode> {
  const { terminal } = context;
  await using plane = await openControlPlane(context);
  const items = await listProjectJobs(plane);
  if (options.names) for (const { job_name: name } of pipelinesFirst(items)) terminal.out(name);
  else if (options.json) terminal.json({ items });
  else printText(terminal, items);
  return exitCodes.ok;
}

function pipelinesFirst(items: readonly ListedJob[]): readonly ListedJob[] {
  const { pipeline = [], job = [] } = Object.groupBy(items, ({ kind }) => kind);
  return [...pipeline, ...job];
}

function printText(terminal: Terminal, items: readonly ListedJob[]): void {
  if (items.length === 0) {
    terminal.note("the project has no job yet; `jobs/` is where they go");
    return;
  }
  const byName = new Map(items.map((item) => [item.job_name, item]));
  const print = createPrinter(terminal, items);
  const pipelines = items.filter(({ kind }) => kind === "pipeline");
  for (const pipeline of pipelines) {
    print.pipeline(pipeline);
    for (const name of pipeline.definition.members) {
      const member = byName.get(name);
      if (member !== undefined) print.job(member);
    }
    terminal.out();
  }
  const single = items.filter((item) => item.kind === "job" && item.pipelines.length === 0);
  if (single.length > 0 && pipelines.length > 0) terminal.out("in no pipeline\n");
  for (const job of single) print.job(job);
}

interface JobPrinter {
  pipeline(pipeline: ListedJob): void;
  job(job: ListedJob): void;
}

function createPrinter(terminal: Terminal, items: readonly ListedJob[]): JobPrinter {
  const nowMs = Date.now();
  const out = (line: string): void => terminal.out(cut(line, terminal.width));
  const widths = columnWidths(items.filter(({ kind }) => kind === "job").map(cellsOf));
  return {
    pipeline(pipeline) {
      const { job_name: name, description, definition } = pipeline;
      const count = formatCountOf(definition.members.length, "job");
      out(`${name}  (pipeline, ${count})  ${describeState(pipeline)}  ${definition.file ?? ""}`.trimEnd());
      if (description !== null) out(`  ${oneLine(description)}`);
      if (pipeline.schedule !== null) out(`  ${describeSchedule(pipeline.schedule, nowMs)}`);
      terminal.out();
    },
    job(job) {
      const cells = cellsOf(job).map((text, index) => text.padEnd(widths[index] ?? 0));
      out(`  ${[...cells, job.definition.file ?? ""].join("  ").trimEnd()}`);
      if (job.description !== null) out(`    ${oneLine(job.description)}`);
      const data = describeDataFlow(job.definition);
      if (data !== "") out(`    ${data}`);
      if (job.schedule !== null) out(`    ${describeSchedule(job.schedule, nowMs)}`);
    },
  };
}

function cellsOf(job: ListedJob): readonly string[] {
  const { layer, purpose } = job.definition;
  return [job.job_name, layer ?? "", purpose ?? "", describeState(job)];
}

function columnWidths(rows: readonly (readonly string[])[]): readonly number[] {
  return [0, 1, 2, 3].map((index) => Math.max(0, ...rows.map((cells) => cells[index]?.length ?? 0)));
}

// `FINISHED, typically 1.4 s`: of the last run, and how long half of the finished ones took at most.
function describeState({ state, paused, late, p50_ms: medianMs }: ListedJob): string {
  const shown = `${paused === null ? state : "PAUSED"}${late === null ? "" : ", late"}`;
  return medianMs === null ? shown : `${shown}, typically ${formatElapsed(medianMs)}`;
}

function describeSchedule(
  { timing, paused, next_fire_at: next }: NonNullable<ListedJob["schedule"]>,
  nowMs: number,
): string {
  if (paused) return `fires ${timing}, paused`;
  return next === null ? `fires ${timing}` : `fires ${timing}, next ${formatWhen(Date.parse(next), nowMs)}`;
}

function describeDataFlow({ inputs, outputs }: ListedJob["definition"]): string {
  const reads = inputs.join(", ");
  if (outputs.length === 0) return reads === "" ? "" : `reads ${reads}`;
  return `${reads} → ${outputs.join(", ")}`.trimStart();
}
