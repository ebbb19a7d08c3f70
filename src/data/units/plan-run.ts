// What a run may read: the units that there are, and those of them that are due by what the job remembers.
import type { WatermarkValue } from "../../core/dataset/watermark.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { JobContext } from "../../core/job/job-context.ts";
import { type DueUnit, listAll, listDue, type PlannedUnit, planUnits } from "./plan-units.ts";
import type { Activation } from "./read-inputs.ts";
import { leaveRead } from "./read-once.ts";
import { resolveStart } from "./resolve-start.ts";
import { parentWatermark, stampedAt, unitWatermark, unstamp } from "./unit-state.ts";
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
  /** Whether rows are added to those that are there, so that nothing may be read twice. */
  readonly appends: boolean;
}

/**
 * @param activations rows of the activation; `undefined` where there is none
 * @throws MillraceError `INPUT_INVALID` for too few, `PARAMS_INVALID` for a window whose rows would be appended twice
 */
export function planRun(
  { window }: Pick<JobContext, "window">,
  options: UnitOptions,
  activations: readonly Activation[] | undefined,
  { at, state, appends }: RunState,
): RunPlan {
  const { watermark, partition = "none", minUnits = 0 } = options;
  if (appends && window !== undefined) assertReadOnce(watermark);
  assertEnough(activations?.length, minUnits);
  const from = resolveStart(options, state, at);
  const wanted = window === undefined ? activations?.filter((one) => isWanted(one, state, at)) : activations;
  const planned = planUnits(options, wanted, { at, from, window });
  const fingerprints = new Map(
    (wanted ?? []).flatMap(({ key, fingerprint }) => (fingerprint === undefined ? [] : [[key, fingerprint] as const])),
  );
  const due =
    window === undefined ? listDue(planned, listDone(planned, watermark, state), watermark, at) : listAll(planned);
  const time = { state, from, isInParts: partition !== "none" };
  return { planned, due: appends ? leaveRead(due, time, window) : due, fingerprints, from };
}

/** Only of time it is known which of it was read. */
function assertReadOnce(watermark: UnitOptions["watermark"]): void {
  if (watermark?.kind === "time") return;
  const message = "a run with a window reads rows that others read as well, and `append` would add them a second time";
  throw new MillraceError("PARAMS_INVALID", message, {
    hint: 'use `mode: "merge"`, or a `watermark` of the kind `time`; without a window the run goes on where the last one ended',
  });
}

function assertEnough(units: number | undefined, least: number): void {
  if (units === undefined || units >= least) return;
  throw new MillraceError("INPUT_INVALID", `expected at least ${least} units, got: \`${units}\``, {
    hint: "look at the dataset of the activation, or lower `minUnits`",
  });
}

/** Whether a row has changed since its units were read, or may have without a sign. */
function isWanted({ key, fingerprint, quiet }: Activation, state: RunState["state"], at: string): boolean {
  if (fingerprint === undefined) return true;
  const last = state.get(parentWatermark(key));
  if (unstamp(last) !== fingerprint) return true;
  if (quiet === undefined) return false;
  const readAtMs = Date.parse(stampedAt(last));
  return readAtMs < quiet.changedAtMs + quiet.afterMs || Date.parse(at) - readAtMs >= quiet.afterMs;
}

function listDone(
  planned: readonly PlannedUnit[],
  watermark: UnitOptions["watermark"],
  state: RunState["state"],
): ReadonlyMap<string, string> {
  const done = new Map<string, string>();
  if (watermark?.kind !== "time" && watermark?.kind !== "units") return done;
  for (const { key } of planned) {
    const value = state.get(unitWatermark(key));
    if (value !== undefined) done.set(key, new Date(value).toISOString());
  }
  return done;
}
