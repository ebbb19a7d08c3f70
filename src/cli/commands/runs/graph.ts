// `millrace graph`: how the jobs of a pipeline depend on each other, as a drawing, a list or a Mermaid diagram.
import type { JobDetail, JobNode } from "../../../api/job.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { suggest } from "../../../core/errors/suggest.ts";
import type { CommandContext } from "../../command-context.ts";
import type { ControlCalls } from "../../control/control-plane.ts";
import { listProjectJobs } from "../../control/list-jobs.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { drawGraph } from "../../print/draw-graph.ts";
import { type DrawnJob, type PlacedBoxes, placeBoxes } from "../../print/place-boxes.ts";
import { oneLine } from "../../print/table.ts";
import type { Terminal } from "../../print/terminal.ts";

export interface GraphOptions {
  readonly mermaid?: true;
  readonly json?: true;
}

/** @param name default: the project's only pipeline @throws MillraceError `JOB_UNKNOWN` | `USAGE_INVALID` */
export async function graph(context: CommandContext, options: GraphOptions, name?: string): Promise<ExitCode> {
  const { terminal } = context;
  await using plane = await openControlPlane(context);
  const pipeline = await plane.call("showJob", { params: { job_name: await choosePipeline(plane, name) } });
  if (options.json) terminal.json(toGraphJson(pipeline));
  else if (options.mermaid) for (const line of toMermaid(pipeline.nodes)) terminal.out(line);
  else printText(terminal, pipeline);
  return exitCodes.ok;
}

async function choosePipeline(plane: ControlCalls, name: string | undefined): Promise<string> {
  const items = await listProjectJobs(plane);
  const names = items.flatMap(({ kind, job_name: known }) => (kind === "pipeline" ? [known] : []));
  const hint = names.length === 0 ? "the project has none" : `pipelines: ${names.join(", ")}`;
  if (name !== undefined) {
    if (names.includes(name)) return name;
    if (items.some(({ job_name: job }) => job === name))
      throw new MillraceError("USAGE_INVALID", `expected a pipeline, got the job: \`${name}\``, { hint });
    throw new MillraceError("JOB_UNKNOWN", `unknown pipeline \`${name}\`${suggest(name, names)}`, { hint });
  }
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return only;
  throw new MillraceError("USAGE_INVALID", `expected the name of a pipeline; the project has ${names.length}`, {
    hint,
  });
}

function printText(terminal: Terminal, { job_name: name, description, inputs, nodes }: JobDetail): void {
  terminal.out(`${name}${description === null ? "" : `: ${oneLine(description)}`}`);
  if (inputs.length > 0) terminal.out(`reads from outside: ${inputs.join(", ")}`);
  terminal.out();
  const layout = placeBoxes(nodes, captionOf);
  if (layout.width <= terminal.width) printDrawing(terminal, layout);
  else printList(terminal, nodes);
}

function captionOf({ job_name: name, layer }: DrawnJob): string {
  return layer === null ? name : `${name} (${layer})`;
}

function printDrawing(terminal: Terminal, layout: PlacedBoxes): void {
  for (const line of drawGraph(layout, captionOf)) terminal.out(line);
  if (layout.implied.length === 0) return;
  terminal.out("\nalso, implied by the order above");
  const readers = new Map<string, string[]>();
  for (const { from, to, dataset } of layout.implied) {
    const what = dataset ?? from;
    readers.set(what, [...(readers.get(what) ?? []), to]);
  }
  for (const [what, names] of readers) terminal.out(`  ${what} → ${names.join(", ")}`);
}

// For graphs wider than the terminal: each job with what it waits for.
function printList(terminal: Terminal, nodes: readonly JobNode[]): void {
  for (const node of nodes) {
    const { depends_on: dependsOn } = node;
    terminal.out(captionOf(node));
    for (const [index, { job_name: job, because }] of dependsOn.entries()) {
      const branch = index === dependsOn.length - 1 ? "└" : "├";
      terminal.out(`  ${branch}◀ ${job}${because === null ? "" : `: ${because}`}`);
    }
  }
}

// Ids have a prefix because `end` and other words mean something to Mermaid.
function toMermaid(nodes: readonly JobNode[]): string[] {
  const lines = ["flowchart TD"];
  for (const node of nodes) lines.push(`  job_${node.job_name}["${captionOf(node)}"]`);
  for (const { job_name: to, depends_on: dependsOn } of nodes) {
    for (const { job_name: from, because } of dependsOn)
      lines.push(`  job_${from} -->${because === null ? "" : `|${because}|`} job_${to}`);
  }
  return lines;
}

// Picks the fields of a job's page that describe its graph.
function toGraphJson({ job_name, description, inputs, outputs, nodes }: JobDetail): object {
  return { job_name, description, inputs, outputs, nodes };
}
