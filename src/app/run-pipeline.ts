// A pipeline as a program runs it by itself, without a command.
import { readEnvironment } from "../config.ts";
import { MillraceError } from "../core/errors/errors.ts";
import { isPipeline } from "../core/job/pipeline.ts";
import type { RunReport } from "../core/job/pipeline-runner.ts";
import { formatRunId } from "../core/run-id.ts";
import { toJson } from "../orchestrator/attempt/to-json.ts";
import { loadProject } from "../project/project.ts";
import type { Json } from "../store/rows/run-records.ts";
import { openApp } from "./app.ts";

/**
 * Runs a pipeline to its end on the project of the current folder; the engine behind `pipeline.run()`.
 * @throws MillraceError the first failed job's code and message
 */
export async function runPipeline(
  pipeline: { readonly kind: "pipeline"; readonly name: string },
  params: Readonly<Record<string, unknown>>,
): Promise<RunReport> {
  const environment = readEnvironment();
  const project = await loadProject({ cwd: process.cwd(), environment, definitions: false });
  if (isPipeline(pipeline)) project.definitions.add(pipeline, "this program");
  await using app = await openApp({ project, environment });
  await using cleanup = new AsyncDisposableStack();
  const { rootRunId } = await app.submit(pipeline.name, { params: toJsonObject(params), createdBy: environment.user });
  const running = await app.startWorker();
  cleanup.defer(() => running.stop());
  const run = await app.waitForRun(rootRunId);
  if (run.state === "FINISHED") return { runId: formatRunId(run.id), state: run.state, result: run.result };
  const [failed] = await app.store.listRuns({ parentRunId: run.id, state: "ERROR", limit: 1 });
  const { code = "JOB_FAILED", message = "run did not finish", hint } = failed?.error ?? run.error ?? {};
  throw new MillraceError(code, message, { disposition: "fail", ...(hint === undefined ? {} : { hint }) });
}

function toJsonObject(params: Readonly<Record<string, unknown>>): Readonly<Record<string, Json>> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, toJson(value)]));
}
