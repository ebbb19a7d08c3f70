// What a job says of the parts that its source is read in: values from other datasets, ranges of time, and how far it has read.
import { z } from "zod";
import type { DatasetReference } from "../../core/dataset/dataset-handle.ts";
import type { Duration } from "../../core/duration.ts";
import type { InstantFormat } from "../../core/schedule/instant-format.ts";
import type { Granularity } from "../../core/schedule/granularity.ts";
import { isPeriod, type Partition, periods } from "../../core/schedule/partition.ts";
import { expecting, optional } from "../../core/spec/option-notes.ts";
import { choice, duration, integer, text, texts } from "../../core/spec/option-values.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { type Inputs, inputSpec } from "./input-options.ts";

/** How far the job has read: by time, by a field of rows, or which units. */
export type UnitWatermark = TimeWatermark | CursorWatermark | UnitsWatermark;

export interface TimeWatermark {
  readonly kind: "time";
  /** A date or an instant, also the anchor of partitions; or a period before the first run, such as `P30D`. */
  readonly from: string;
  /** A date, an instant, or `now`: when the run starts. Default `now`. */
  readonly to?: string;
  /** Whose days and months partitions follow. Default `UTC`. */
  readonly timezone?: string;
  readonly grace?: Duration;
  readonly abstain?: Duration;
  /** Whether the last part is read before it is over. Default true. */
  readonly partial?: boolean;
  /** How `{{window.from}}` and `{{window.to}}` are written, in `timezone`. Default `iso`, in UTC. */
  readonly format?: InstantFormat;
  /** The smallest step that the service tells apart: ranges end at one, and `{{window.to}}` is the last step within. */
  readonly granularity?: Granularity;
}

/** The end of time that is read, where it stays the same from run to run. */
export function fixedEnd({ to }: Pick<TimeWatermark, "to">): string | undefined {
  return to === "now" ? undefined : to;
}

export interface CursorWatermark {
  readonly kind: "cursor";
  /** Of rows: a text or a number that grows. */
  readonly field: string;
  /** Before the first row. Default: `{{watermark?}}` is absent. */
  readonly from?: string | number;
  /** How the field is written, where it is an instant; the first that fits counts. Default: it is a text or number as it is. */
  readonly formats?: readonly InstantFormat[];
  /** How much of what was read is read again, for rows that come late; needs `formats`. Default: none. */
  readonly overlap?: Duration;
  /** How `{{watermark}}` is written, with `formats`. Default: the first of them. */
  readonly format?: InstantFormat;
  /** Of `formats` and `format`. Default `UTC`. */
  readonly timezone?: string;
}

/** Each unit is read once. */
export interface UnitsWatermark {
  readonly kind: "units";
  /** The units, `{{unit.value}}`. Default: those of the activation. */
  readonly values?: readonly (string | number)[];
  /** How long a unit that was read is left alone. Default: for ever. */
  readonly abstain?: Duration;
}

/** Options of jobs whose source is read in units. */
export interface UnitOptions {
  /** Name of a variable → where its values come from. */
  readonly inputs?: Inputs;
  readonly partition?: Partition;
  readonly watermark?: UnitWatermark;
  /** Units that one run reads; those that wait longest come first. */
  readonly maxUnitsPerRun?: number;
  /** Units that are read at once. Default 4. */
  readonly unitConcurrency?: number;
  /** Fewer units in all are an error. Default 0. */
  readonly minUnits?: number;
  /** A unit with fewer rows fails. Default 0. */
  readonly minRowsPerUnit?: number;
}

/** Units that are read at once. */
export const defaultUnitConcurrency = 4;

export const unitOptionsSpec: Spec<UnitOptions> = defineSpec<UnitOptions>()(() => ({
  inputs: optional(
    expecting("an object of inputs", z.record(z.string().regex(/^[A-Za-z_]\w*$/), inputSpec.schema)),
  ).describe(
    "datasets whose rows give values to variables of the source, each under its name, or that checks compare with",
  ),
  partition: optional(partitionSchema(), "one part").describe(
    'how the time of `watermark` is cut into units; several steps, each with its range, are `{ monthly: ["2010-01-01", "2020-01-01"], daily: ["2020-01-01", "now"] }`',
  ),
  watermark: optional(watermarkSchema()).describe(
    'how far the job has read: `kind: "time"`, `kind: "cursor"`, or `kind: "units"`, where each unit is read once',
  ),
  maxUnitsPerRun: optional(integer(1), "all").describe(
    "units that one run reads, those that wait longest first; the others follow in the next",
  ),
  unitConcurrency: integer(1, 64)
    .default(defaultUnitConcurrency)
    .describe("units that are read at once, within the limits of the connection"),
  minUnits: integer(0).default(0).describe("how many units there have to be, due or not; fewer are an error"),
  minRowsPerUnit: integer(0).default(0).describe("how many rows a unit has to have; one with fewer fails"),
}));

/** The options of units, and what is left of the others. */
export function takeUnitOptions<Options extends UnitOptions>(
  options: Options,
): { readonly units: UnitOptions; readonly common: Omit<Options, keyof UnitOptions> } {
  const { inputs, partition, watermark, maxUnitsPerRun, unitConcurrency, minUnits, minRowsPerUnit, ...common } =
    options;
  const given = { inputs, partition, watermark, maxUnitsPerRun, unitConcurrency, minUnits, minRowsPerUnit };
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return { units: Object.fromEntries(entries), common };
}

/** Datasets that units get values from. */
export function listInputDatasets({ inputs = {} }: UnitOptions): readonly DatasetReference[] {
  return Object.values(inputs).flatMap(({ dataset }) => (dataset === undefined ? [] : [dataset]));
}

function partitionSchema(): z.ZodType<Partition, Partition> {
  const names = z.enum(["none", "hourly", "daily", "weekly", "monthly", "yearly"]);
  const every = expecting("a period such as `P15D`, `P1M` or `PT6H`", z.string().refine(isPeriod));
  const section = z.tuple([text(), text()]).optional();
  const sections = z.strictObject(Object.fromEntries(periods.map((period) => [period, section])));
  const expected =
    'one of `none`, `hourly`, `daily`, `weekly`, `monthly`, `yearly`, `{ every: "P15D" }`, or steps with their ranges';
  // an option that is `undefined` was left out
  return expecting(
    expected,
    z.union([names, z.strictObject({ every }), sections]) as unknown as z.ZodType<Partition, Partition>,
  );
}

function watermarkSchema(): z.ZodType<UnitWatermark, UnitWatermark> {
  const schema = z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("time"),
      from: text("a date, an instant, or a period such as `P30D`"),
      to: text("a date, an instant, or `now`").optional(),
      timezone: text().optional(),
      grace: duration().optional(),
      abstain: duration().optional(),
      partial: z.boolean().optional(),
      format: text().optional(),
      granularity: choice(["day", "hour", "minute", "second", "millisecond", "microsecond"]).optional(),
    }),
    z.strictObject({
      kind: z.literal("cursor"),
      field: text(),
      from: z.union([z.string().min(1), z.number()]).optional(),
      formats: texts("formats").optional(),
      overlap: duration().optional(),
      format: text().optional(),
      timezone: text().optional(),
    }),
    z.strictObject({
      kind: z.literal("units"),
      values: z
        .array(z.union([z.string().min(1), z.number()]))
        .min(1)
        .readonly()
        .optional(),
      abstain: duration().optional(),
    }),
  ]);
  // an option that is `undefined` was left out
  return expecting(
    "an object whose `kind` is `time`, `cursor` or `units`",
    schema as unknown as z.ZodType<UnitWatermark, UnitWatermark>,
  );
}
