// Lets `pipeline.run()` reach the engine, which the core must not import: the composition root installs the way.
import { MillraceError } from "../errors/errors.ts";
import type { RunState } from "./run-state.ts";

/** How a run that was started from code has ended. */
export interface RunReport {
  readonly runId: string;
  readonly state: RunState;
  readonly result: unknown;
}

/** Runs a pipeline to its end. @throws the MillraceError that the run failed with */
export type PipelineRunner = (
  pipeline: { readonly kind: "pipeline"; readonly name: string },
  params: Readonly<Record<string, unknown>>,
) => Promise<RunReport>;

let installed: PipelineRunner | undefined;

/** Called once, by the package's entry. */
export function installPipelineRunner(runner: PipelineRunner): void {
  installed = runner;
}

/** The installed runner. @throws MillraceError `INTERNAL` when the core is used without the package's entry */
export function pipelineRunner(): PipelineRunner {
  if (installed !== undefined) return installed;
  throw new MillraceError("INTERNAL", "no engine to run the pipeline on", { hint: 'import it from "millrace"' });
}
