// What a run may read: the units that there are, and those of them that are due by what the job remembers.
import type { WatermarkValue } from "../../core/dataset/watermark.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { JobContext } from "../../core/job/job-context.ts";
import { type DueUnit, listAll, listDue, type PlannedUnit, planUnits } from "./plan-units.ts";
import type { Activation } from "./read-inputs.ts";
import { resolveStart } from "./resolve-start.ts";
import { parentWatermark, unitWatermark, unstamp } from "./unit-state.ts";
import type { UnitOptions } from "./unit-options.ts";

/** All units that there are, and those of them that are due. */
export interface RunPlan {
  readonly planned: readonly PlannedUnit[];
  readonly due: readonly DueUnit[];
  /** Rows of the activation whose fingerprint says whether they have changed, by key. */
  readonly fingerprints: ReadonlyMap<string, string>;
  /** Where time begins. */
  readonly from: string | undefined;
}

interface RunState {
  readonly at: string;
  readonly state: ReadonlyMap<string, WatermarkValue>;
}

/** @param activations rows of the activation; `undefined` where there is none @throws MillraceError `INPUT_INVALID` for too few */
export function planRun(
  { window }: Pick<JobContext, "window">,
  options: UnitOptions,
  activations: readonly Activation[] | undefined,
  { at, state }: RunState,
): RunPlan {
  const { watermark, minUnits = 0 } = options;
  assertEnough(activations?.length, minUnits);
  const from = resolveStart(options, state, at);
  const wanted = window === undefined ? activations?.filter((one) => hasChanged(one, state)) : activations;
  const planned = planUnits(options, wanted, { at, from, window });
  const fingerprints = new Map(
    (wanted ?? []).flatMap(({ key, fingerprint }) => (fingerprint === undefined ? [] : [[key, fingerprint] as const])),
  );
  if (window !== undefined) return { planned, due: listAll(planned), fingerprints, from };
  const done =
    watermark?.kind === "time" || watermark?.kind === "units" ? listDone(planned, state) : new Map<string, string>();
  return { planned, due: listDue(planned, done, watermark, at), fingerprints, from };
}

function assertEnough(units: number | undefined, least: number): void {
  if (units === undefined || units >= least) return;
  throw new MillraceError("INPUT_INVALID", `expected at least ${least} units, got: \`${units}\``, {
    hint: "look at the dataset of the activation, or lower `minUnits`",
  });
}

function hasChanged({ key, fingerprint }: Activation, state: RunState["state"]): boolean {
  return fingerprint === undefined || unstamp(state.get(parentWatermark(key))) !== fingerprint;
}

function listDone(planned: readonly PlannedUnit[], state: RunState["state"]): ReadonlyMap<string, string> {
  const done = new Map<string, string>();
  for (const { key } of planned) {
    const value = state.get(unitWatermark(key));
    if (value !== undefined) done.set(key, new Date(value).toISOString());
  }
  return done;
}
