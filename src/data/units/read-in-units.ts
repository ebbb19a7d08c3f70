// A run of a job whose source has variables: which units are due, what their variables are, and how far they are read afterwards.
import type { DatasetOutput } from "../../core/dataset/dataset.ts";
import { toDatasetName } from "../../core/dataset/dataset-handle.ts";
import { messageOfUnit } from "../../core/dataset/failed-units.ts";
import type { PayloadReading, SourceReading, SourceUnit, UnitOutcome } from "../../core/dataset/source.ts";
import type { VariableValue, Variables } from "../../core/dataset/variables.ts";
import type { WatermarkValue } from "../../core/dataset/watermark.ts";
import type { UnitsContext } from "../../core/job/job-plan.ts";
import type { RunId } from "../../core/run-id.ts";
import type { Window } from "../../core/schedule/window.ts";
import { assertWholeRefresh } from "../modes/assert-refresh.ts";
import { adoptRead } from "./adopt-read.ts";
import { assertOneMoment, chooseUnits } from "./choose-units.ts";
import { formatWindow } from "./format-window.ts";
import { planRun, type RunPlan } from "./plan-run.ts";
import { type Activation, readInputs } from "./read-inputs.ts";
import { findEnds, type ReadRun } from "./unit-ends.ts";
import { turnWatermark, unstamp } from "./unit-state.ts";
import { toSourceUnit } from "./unit-variables.ts";
import { type Inputs, inputsOf } from "./input-options.ts";
import { defaultUnitConcurrency, type UnitOptions } from "./unit-options.ts";

/** What a run is to read. */
export interface UnitRun {
  readonly reading: SourceReading;
  /** The part of time that is read of a unit, by its key. */
  readonly due: ReadonlyMap<string, Window>;
  /** Units that are left for the next run. */
  readonly deferred: number;
  /** Whether there is no unit at all, due or not. */
  readonly isEmpty: boolean;
  /** An earlier run whose rows were published without being known as read, and are now. */
  readonly adopted?: RunId;
  /** What became of the units; empty before they were read. */
  readonly outcomes: readonly UnitOutcome[];
  /** Moves watermarks; to be called after what was read has been published. */
  finish(): Promise<void>;
}

/** @throws MillraceError `INPUT_INVALID` | `PARAMS_INVALID` before anything is read */
export async function prepareUnits(ctx: UnitsContext, options: UnitOptions, output: DatasetOutput): Promise<UnitRun> {
  const { mode = "replace" } = output;
  assertWholeRefresh({ isFullRefresh: ctx.run.isFullRefresh, window: ctx.window }, mode);
  const inputs = listInputs(options);
  const given = await readInputs(ctx, inputs);
  const shared = { ...sharedVariables(ctx), ...given.variables };
  const secretScopes = [...given.secretScopes, "config"];
  const hasState = options.watermark !== undefined || given.activations !== undefined;
  const remembers = options.watermark !== undefined || isChangedOnly(inputs);
  const appends = mode === "append" && !ctx.run.isFullRefresh && remembers;
  if (hasState)
    return await prepareDue(ctx, options, { activations: given.activations, shared, secretScopes, appends, output });
  const payload = await findPayload(ctx, inputs);
  const isEmpty = payload?.isEmpty === true;
  const { key, variables } = wholeUnit(ctx);
  const units = isEmpty ? [] : [{ key, variables: { ...variables, ...shared } }];
  const outcomes: UnitOutcome[] = [];
  return {
    reading: {
      units,
      secretScopes,
      minRows: options.minRowsPerUnit ?? 0,
      ...(payload === undefined ? {} : { payload: payload.reading }),
      onRead: async (found) => {
        outcomes.push(...found);
        // of batches, which may be many, those are kept that a person has to know of
        const told = found.flatMap(({ key, error }) => (error === undefined ? [] : [{ key, error: error.message }]));
        if (told.length > 0) await ctx.units.saveRead(told, new Map());
      },
    },
    due: new Map(ctx.window === undefined ? [] : [["", ctx.window] as const]),
    deferred: 0,
    isEmpty,
    outcomes,
    finish: () => Promise.resolve(),
  };
}

/** All that there is to read, as one unit. */
export function wholeUnit(ctx: Pick<UnitsContext, "params" | "config" | "window">): SourceUnit {
  const window = ctx.window === undefined ? {} : { window: formatWindow(ctx.window) };
  return { key: "", variables: { ...sharedVariables(ctx), ...window } };
}

function sharedVariables({ params, config }: Pick<UnitsContext, "params" | "config">): Variables {
  return { params: toVariables(params), config: toVariables(config) };
}

/** The version that is sent stays the same for all attempts, also when the dataset is published again between two of them. */
async function findPayload(
  ctx: UnitsContext,
  inputs: Inputs,
): Promise<{ readonly reading: PayloadReading; readonly isEmpty: boolean } | undefined> {
  const [found] = inputsOf(inputs, "payload");
  if (found === undefined) return undefined;
  const [name, { dataset: reference = "", batch = 500, by = [], order = [], fields }] = found;
  const dataset = toDatasetName(reference);
  const { version, rowCount } = await ctx.step(`millrace: version of input ${name}`, async () => {
    const latest = await ctx.data.dataset(dataset);
    return { version: latest.version, rowCount: latest.rowCount };
  });
  const more = fields === undefined ? {} : { fields };
  return { reading: { name, dataset, version, batch, by, order, ...more }, isEmpty: rowCount === 0 };
}

/** Units that the watermark lists are an activation like others. */
function listInputs({ inputs = {}, watermark }: UnitOptions): Inputs {
  if (watermark?.kind !== "units" || watermark.values === undefined) return inputs;
  return { ...inputs, unit: { role: "activation", values: watermark.values } };
}

/** Whether rows of an activation that were read are remembered. */
function isChangedOnly(inputs: Inputs): boolean {
  return inputsOf(inputs, "activation").some(([, { changedOnly = false }]) => changedOnly !== false);
}

interface GivenValues {
  readonly activations: readonly Activation[] | undefined;
  /** Variables that all units have. */
  readonly shared: Variables;
  readonly secretScopes: readonly string[];
  /** Whether nothing may be read twice. */
  readonly appends: boolean;
  readonly output: DatasetOutput;
}

async function prepareDue(ctx: UnitsContext, options: UnitOptions, given: GivenValues): Promise<UnitRun> {
  const { watermark } = options;
  // an instant that stays the same for all attempts of the run
  const at = await ctx.step("millrace: start of reading", () => ctx.units.startOfReading());
  const { appends, output } = given;
  const read = await ctx.units.loadRead();
  const known = await ctx.units.load();
  const goesOn = appends && read === undefined && ctx.window === undefined;
  const { state, ...more } = goesOn ? await adoptRead(ctx, output, known) : { state: known };
  const plan = planRun(ctx, options, given.activations, { at, state, appends });
  const { chosen, deferred } = chooseForRun(ctx, options, plan, { state, read });
  if (output.mode === "scd2") assertOneMoment(chosen);
  const run: ReadRun = { options, at, state, chosen, deferred, window: ctx.window, appends, plan };
  const units = chosen.map((unit) => {
    const { variables, ...own } = toSourceUnit(unit, options, { state, window: ctx.window });
    return { ...own, variables: { ...given.shared, ...variables } };
  });
  const outcomes: UnitOutcome[] = [];
  let ends = read?.ends ?? new Map<string, WatermarkValue>();
  return {
    reading: {
      units,
      concurrency: options.unitConcurrency ?? defaultUnitConcurrency,
      minRows: options.minRowsPerUnit ?? 0,
      sinceMs: Date.parse(at),
      secretScopes: given.secretScopes,
      // An earlier attempt may have published these units. One that failed now would not move its watermark, and its rows would
      // come a second time with the next run.
      ...(read === undefined ? {} : { isWhole: true }),
      ...(watermark?.kind === "cursor" ? { watch: toWatched(watermark) } : {}),
      ...(watermark?.kind === "time"
        ? { covers: { windows: chosen.flatMap(({ range }) => range ?? []), timezone: watermark.timezone ?? "UTC" } }
        : {}),
      onRead: async (found) => {
        outcomes.push(...found);
        if (read !== undefined) return;
        ends = findEnds(run, found);
        await ctx.units.saveRead(
          found.map(({ key, error }) => (error === undefined ? { key } : { key, error: messageOfUnit(key, error) })),
          ends,
        );
      },
    },
    due: new Map(chosen.flatMap(({ key, range = ctx.window }) => (range === undefined ? [] : [[key, range] as const]))),
    deferred,
    isEmpty: given.activations?.length === 0 || beginsLater(plan, ctx.window, at),
    ...more,
    outcomes,
    finish: async () => {
      if (ends.size > 0) await ctx.units.advance(ends);
    },
  };
}

/** Time that begins in the future is as empty as an activation without a row, and as likely to be a mistake. */
function beginsLater({ planned, from }: RunPlan, window: Window | undefined, at: string): boolean {
  return planned.length === 0 && from !== undefined && (window?.from ?? from) > at;
}

function chooseForRun(
  { run, window }: Pick<UnitsContext, "run" | "window">,
  { maxUnitsPerRun }: UnitOptions,
  { due }: RunPlan,
  {
    state,
    read,
  }: {
    readonly state: ReadonlyMap<string, WatermarkValue>;
    readonly read: { readonly units: ReadonlySet<string> } | undefined;
  },
): ReturnType<typeof chooseUnits> {
  if (read !== undefined) return { chosen: due.filter(({ key }) => read.units.has(key)), deferred: 0 };
  // a full refresh takes the place of all rows, and a window is filled by one run, so that both read all units
  const cap = run.isFullRefresh || window !== undefined ? undefined : maxUnitsPerRun;
  return chooseUnits(due, cap, unstamp(state.get(turnWatermark)));
}

function toWatched({
  field,
  formats,
  timezone,
}: Extract<UnitOptions["watermark"], { kind: "cursor" }>): NonNullable<SourceReading["watch"]> {
  return {
    name: field,
    ...(formats === undefined ? {} : { formats }),
    ...(timezone === undefined ? {} : { timezone }),
  };
}

function toVariables(value: unknown): VariableValue {
  return typeof value === "object" && value !== null ? (value as VariableValue) : {};
}
