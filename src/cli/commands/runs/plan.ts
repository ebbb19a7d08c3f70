// `millrace plan`: what a run would do now, from the parts that the run itself is made of.
import type { PlannedWork } from "../../../app/plan-work.ts";
import { fullRefreshParam } from "../../../core/job/full-refresh.ts";
import { checkParams } from "../../../server/control/check-params.ts";
import type { CommandContext } from "../../command-context.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { fitParams, paramSchemasOf } from "../../parse/fit-params.ts";
import { parseParams } from "../../parse/parse-params.ts";
import { toWindow } from "../../parse/to-window.ts";
import { printWork } from "../../print/print-work.ts";

export interface PlanOptions {
  readonly param: readonly string[];
  readonly params?: string;
  readonly from?: string;
  readonly to?: string;
  readonly fullRefresh?: true;
  readonly json?: true;
}

/** @returns 1 when the run would fail before it reads anything */
export async function plan(context: CommandContext, options: PlanOptions, name: string): Promise<ExitCode> {
  const given = parseParams(options.param, options.params);
  const window = toWindow(options);
  await using app = await context.openApp();
  const target = app.definitions.find(name);
  const fitted = fitParams(given, paramSchemasOf(target));
  const params = options.fullRefresh ? { ...fitted, [fullRefreshParam]: true } : fitted;
  checkParams(target, params);
  const work = await app.planWork(name, { params, window });
  printWork(context.terminal, { name, work }, options.json === true);
  return work.some(wouldFail) ? exitCodes.runFailed : exitCodes.ok;
}

/** Whether nothing of a job could be read; units that can be would be published, although others fail. */
function wouldFail({ plan: planned, problem }: PlannedWork): boolean {
  const reads = planned?.source?.reads ?? [];
  return problem !== undefined || (reads.length > 0 && reads.every((read) => "problem" in read));
}
