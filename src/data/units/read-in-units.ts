// A run of a job whose source has variables: which units are due, what their variables are, and how far they are read afterwards.
import { compareWatermarks, type WatermarkValue } from "../../core/dataset/watermark.ts";
import type { PayloadReading, SourceReading, SourceUnit, UnitOutcome } from "../../core/dataset/source.ts";
import { toDatasetName } from "../../core/dataset/dataset-handle.ts";
import type { VariableValue, Variables } from "../../core/dataset/variables.ts";
import type { UnitsContext } from "../../core/job/job-plan.ts";
import type { Window } from "../../core/schedule/window.ts";
import { type DueUnit, formatWindow, listDue, planUnits } from "./plan-units.ts";
import { type Activation, readInputs } from "./read-inputs.ts";
import { advanceUnit, loadReadUnits, saveReadUnits, unitWatermark } from "./unit-state.ts";
import { type Inputs, inputsOf } from "./input-options.ts";
import type { UnitOptions } from "./unit-options.ts";

/** What a run is to read. */
export interface UnitRun {
  readonly reading: SourceReading;
  /** The part of time that is read of a unit, by its key. */
  readonly due: ReadonlyMap<string, Window>;
  /** Units that are left for the next run. */
  readonly deferred: number;
  /** What became of the units; empty before they were read. */
  readonly outcomes: readonly UnitOutcome[];
  /** Moves watermarks; to be called after what was read has been published. */
  finish(): Promise<void>;
}

/** @throws MillraceError `INPUT_INVALID` before anything is read */
export async function prepareUnits(ctx: UnitsContext, options: UnitOptions): Promise<UnitRun> {
  const given = await readInputs(ctx, options.inputs ?? {});
  const shared = { params: toVariables(ctx.params), config: toVariables(ctx.config), ...given.variables };
  const secretScopes = [...given.secretScopes, "config"];
  const hasState = options.watermark !== undefined || given.activations !== undefined;
  if (hasState) return await prepareDue(ctx, options, { activations: given.activations, shared, secretScopes });
  const window = ctx.window === undefined ? {} : { window: formatWindow(ctx.window) };
  const payload = await findPayload(ctx, options.inputs ?? {});
  const units = payload?.isEmpty === true ? [] : [{ key: "", variables: { ...shared, ...window } }];
  const reading = { units, secretScopes, ...(payload === undefined ? {} : { payload: payload.reading }) };
  const due = new Map(ctx.window === undefined ? [] : [["", ctx.window] as const]);
  return { reading, due, deferred: 0, outcomes: [], finish: () => Promise.resolve() };
}

/** The version that is sent stays the same for all attempts, also when the dataset is published again between two of them. */
async function findPayload(
  ctx: UnitsContext,
  inputs: Inputs,
): Promise<{ readonly reading: PayloadReading; readonly isEmpty: boolean } | undefined> {
  const [found] = inputsOf(inputs, "payload");
  if (found === undefined) return undefined;
  const [name, { dataset: reference, batch = 500, by = [], order = [], fields }] = found;
  const dataset = toDatasetName(reference);
  const { version, rowCount } = await ctx.step(`millrace: version of input ${name}`, async () => {
    const latest = await ctx.data.dataset(dataset);
    return { version: latest.version, rowCount: latest.rowCount };
  });
  const more = fields === undefined ? {} : { fields };
  return { reading: { name, dataset, version, batch, by, order, ...more }, isEmpty: rowCount === 0 };
}

interface GivenValues {
  readonly activations: readonly Activation[] | undefined;
  /** Variables that all units have. */
  readonly shared: Variables;
  readonly secretScopes: readonly string[];
}

async function prepareDue(ctx: UnitsContext, options: UnitOptions, given: GivenValues): Promise<UnitRun> {
  const { watermark } = options;
  // a full refresh takes the place of all rows, so that it reads all of them
  const cap = ctx.run.isFullRefresh ? undefined : options.maxUnitsPerRun;
  // an instant that stays the same for all attempts of the run
  const at = await ctx.step("millrace: start of reading", () => new Date().toISOString());
  const planned = planUnits(options, given.activations, { at, window: ctx.window });
  const due = ctx.window === undefined ? await findDue(ctx, planned, options) : listDue(planned, new Map(), undefined);
  const read = await loadReadUnits(ctx);
  const chosen = read === undefined ? due.slice(0, cap) : due.filter(({ key }) => read.has(key));
  const units: SourceUnit[] = [];
  for (const unit of chosen) {
    const own = await ownVariables(ctx, unit, options);
    units.push({ key: unit.key, variables: { ...given.shared, ...unit.variables, ...own } });
  }
  const outcomes: UnitOutcome[] = [];
  return {
    reading: {
      units,
      secretScopes: given.secretScopes,
      // An earlier attempt may have published these units. One that failed now would not move its watermark, and its rows would
      // come a second time with the next run.
      ...(read === undefined ? {} : { isWhole: true }),
      ...(watermark?.kind === "cursor" ? { watch: watermark.field } : {}),
      onRead: async (found) => {
        outcomes.push(...found);
        await saveReadUnits(
          ctx,
          found.filter(({ status }) => status !== "failed").map(({ key }) => key),
        );
      },
    },
    due: new Map(chosen.flatMap(({ key, range = ctx.window }) => (range === undefined ? [] : [[key, range] as const]))),
    deferred: due.length - chosen.length,
    outcomes,
    finish: async () => {
      if (watermark === undefined || ctx.window !== undefined) return;
      for (const outcome of outcomes) {
        const value = reached(outcome, chosen, at);
        if (value !== undefined) await advanceUnit(ctx, outcome.key, value);
      }
    },
  };
}

async function findDue(
  ctx: UnitsContext,
  planned: ReturnType<typeof planUnits>,
  { watermark }: UnitOptions,
): Promise<readonly DueUnit[]> {
  const done = new Map<string, string>();
  if (watermark?.kind === "time") {
    for (const { key } of planned) {
      const value = await unitWatermark(ctx, key).load();
      if (value !== undefined) done.set(key, new Date(value).toISOString());
    }
  }
  return listDue(planned, done, watermark);
}

async function ownVariables(
  ctx: UnitsContext,
  { key, range }: DueUnit,
  { watermark }: UnitOptions,
): Promise<Variables> {
  if (watermark?.kind === "cursor") {
    const value = (await unitWatermark(ctx, key).load()) ?? watermark.from;
    return value === undefined ? {} : { watermark: value };
  }
  const window = range ?? ctx.window;
  return window === undefined ? {} : { window: formatWindow(window, watermark?.format), watermark: window.from };
}

/** How far a unit was read; a row of the future does not hide those until then. */
function reached(
  { key, status, maximum }: UnitOutcome,
  chosen: readonly DueUnit[],
  at: string,
): WatermarkValue | undefined {
  if (status === "failed") return undefined;
  const range = chosen.find((unit) => unit.key === key)?.range;
  if (range !== undefined) return range.to;
  if (typeof maximum !== "string" || !/^\d{4}-\d{2}-\d{2}/.test(maximum)) return maximum;
  return compareWatermarks(maximum, at) > 0 ? at : maximum;
}

function toVariables(value: unknown): VariableValue {
  return typeof value === "object" && value !== null ? (value as VariableValue) : {};
}
