// `millrace graph`: how the jobs of a pipeline depend on each other, as a drawing, a list or a Mermaid diagram.
import { MillraceError } from "../../../core/errors/errors.ts";
import type { Job } from "../../../core/job/job.ts";
import type { JobPipeline, PipelineNode } from "../../../core/job/pipeline.ts";
import { suggest } from "../../../core/errors/suggest.ts";
import type { Definitions } from "../../../project/definitions.ts";
import type { CommandContext } from "../../command-context.ts";
import { drawGraph } from "../../print/draw-graph.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { type PlacedBoxes, placeBoxes } from "../../print/place-boxes.ts";
import { oneLine } from "../../print/table.ts";
import type { Terminal } from "../../print/terminal.ts";

export interface GraphOptions {
  readonly mermaid?: true;
  readonly json?: true;
}

/** @param name default: the project's only pipeline @throws MillraceError `JOB_UNKNOWN` | `USAGE_INVALID` */
export async function graph(context: CommandContext, options: GraphOptions, name?: string): Promise<ExitCode> {
  const { terminal } = context;
  const { definitions } = await context.loadProject();
  const pipeline = choosePipeline(definitions, name);
  const nodes = pipeline.nodes();
  if (options.json) terminal.json(toGraphJson(pipeline, nodes));
  else if (options.mermaid) for (const line of toMermaid(nodes)) terminal.out(line);
  else printText(terminal, pipeline, nodes);
  return exitCodes.ok;
}

function choosePipeline({ pipelines, jobs }: Definitions, name: string | undefined): JobPipeline<string> {
  const names = [...pipelines.keys()];
  const hint = names.length === 0 ? "the project has none" : `pipelines: ${names.join(", ")}`;
  if (name !== undefined) {
    const found = pipelines.get(name);
    if (found !== undefined) return found;
    if (jobs.has(name))
      throw new MillraceError("USAGE_INVALID", `expected a pipeline, got the job: \`${name}\``, { hint });
    throw new MillraceError("JOB_UNKNOWN", `unknown pipeline \`${name}\`${suggest(name, names)}`, { hint });
  }
  const [only, ...others] = pipelines.values();
  if (only !== undefined && others.length === 0) return only;
  throw new MillraceError("USAGE_INVALID", `expected the name of a pipeline; the project has ${names.length}`, {
    hint,
  });
}

function printText(terminal: Terminal, pipeline: JobPipeline<string>, nodes: readonly PipelineNode[]): void {
  const description = pipeline.description === undefined ? "" : `: ${oneLine(pipeline.description)}`;
  terminal.out(`${pipeline.name}${description}`);
  const external = pipeline.externalInputs();
  if (external.length > 0) terminal.out(`reads from outside: ${external.join(", ")}`);
  terminal.out();
  const layout = placeBoxes(nodes, captionOf);
  if (layout.width <= terminal.width) printDrawing(terminal, layout);
  else printList(terminal, nodes);
}

function captionOf({ name, layer }: Job): string {
  return layer === undefined ? name : `${name} (${layer})`;
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
function printList(terminal: Terminal, nodes: readonly PipelineNode[]): void {
  for (const { job, dependsOn } of nodes) {
    terminal.out(captionOf(job));
    for (const [index, edge] of dependsOn.entries()) {
      const branch = index === dependsOn.length - 1 ? "└" : "├";
      terminal.out(`  ${branch}◀ ${edge.job}${edge.because === undefined ? "" : `: ${edge.because}`}`);
    }
  }
}

// Ids have a prefix because `end` and other words mean something to Mermaid.
function toMermaid(nodes: readonly PipelineNode[]): string[] {
  const lines = ["flowchart TD"];
  for (const { job } of nodes) lines.push(`  job_${job.name}["${captionOf(job)}"]`);
  for (const { job, dependsOn } of nodes) {
    for (const edge of dependsOn)
      lines.push(`  job_${edge.job} -->${edge.because === undefined ? "" : `|${edge.because}|`} job_${job.name}`);
  }
  return lines;
}

function toGraphJson(pipeline: JobPipeline<string>, nodes: readonly PipelineNode[]): object {
  return {
    schema: "millrace.graph/1",
    pipeline: pipeline.name,
    description: pipeline.description ?? null,
    externalInputs: pipeline.externalInputs(),
    jobs: nodes.map(({ job, dependsOn, onUpstreamFailure }) => ({
      job: job.name,
      layer: job.layer ?? null,
      purpose: job.purpose ?? null,
      inputs: job.inputs,
      outputs: job.outputs,
      dependsOn: dependsOn.map((edge) => ({ job: edge.job, dataset: edge.because ?? null })),
      onUpstreamFailure,
    })),
  };
}
