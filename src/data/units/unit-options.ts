// What a job says of the parts that its source is read in: values from other datasets, ranges of time, and how far it has read.
import { z } from "zod";
import { type DatasetReference, datasetReference } from "../../core/dataset/dataset-handle.ts";
import type { WriteMode } from "../../core/dataset/dataset.ts";
import type { Duration } from "../../core/duration.ts";
import { isPeriod, type Partition } from "../../core/schedule/partition.ts";
import { parseTimeZone } from "../../core/schedule/time-zone.ts";
import { parseWindow } from "../../core/schedule/window.ts";
import { expecting, optional } from "../../core/spec/option-notes.ts";
import { choice, duration, integer, text, texts } from "../../core/spec/option-values.ts";
import { refusal } from "../../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";

/** A dataset whose rows give values to variables. */
export interface InputOptions {
  readonly dataset: DatasetReference;
  /** `authentication`: exactly one row, whose values are in no message. `activation`: one unit for each row. */
  readonly role: "authentication" | "activation";
  /** Default: all. */
  readonly fields?: readonly string[];
  /** Identifies a row of an activation; rows with the same key are one unit. Needed there. */
  readonly key?: string;
}

/** How far the job has read, by time or by a field of rows. */
export type UnitWatermark = TimeWatermark | CursorWatermark;

export interface TimeWatermark {
  readonly kind: "time";
  /** A date or an instant; also the anchor of partitions. */
  readonly from: string;
  /** Default: when the run starts. */
  readonly to?: string;
  /** Whose days and months partitions follow. Default `UTC`. */
  readonly timezone?: string;
  readonly grace?: Duration;
  readonly abstain?: Duration;
  /** Whether the last part is read before it is over. Default true. */
  readonly partial?: boolean;
  /** How `{{window.from}}` and `{{window.to}}` are written. Default `iso`. */
  readonly format?: "iso" | "date" | "seconds" | "milliseconds";
}

export interface CursorWatermark {
  readonly kind: "cursor";
  /** Of rows: a text or a number that grows. */
  readonly field: string;
  /** Before the first row. Default: `{{watermark?}}` is absent. */
  readonly from?: string | number;
}

/** Options of jobs whose source is read in units. */
export interface UnitOptions {
  /** Name of a variable → where its values come from. */
  readonly inputs?: Readonly<Record<string, InputOptions>>;
  readonly partition?: Partition;
  readonly watermark?: UnitWatermark;
  readonly maxUnitsPerRun?: number;
}

export const unitOptionsSpec: Spec<UnitOptions> = defineSpec<UnitOptions>()(() => ({
  inputs: optional(
    expecting("an object of inputs", z.record(z.string().regex(/^[A-Za-z_]\w*$/), inputSpec.schema)),
  ).describe("datasets whose rows give values to variables of the source, each under its name"),
  partition: optional(partitionSchema(), "one part").describe("how the time of `watermark` is cut into units"),
  watermark: optional(watermarkSchema()).describe('how far the job has read: `kind: "time"` or `kind: "cursor"`'),
  maxUnitsPerRun: optional(integer(1), "all").describe("units that one run reads; the others follow in the next"),
}));

export const inputSpec: Spec<InputOptions> = defineSpec<InputOptions>()(() => ({
  dataset: datasetReference().describe("a published dataset"),
  role: choice(["authentication", "activation"]).describe(
    "`authentication`: exactly one row, whose values are in no message; `activation`: one unit for each row",
  ),
  fields: optional(texts("names of columns"), "all").describe("columns whose values are wanted"),
  key: optional(text()).describe(
    "the column that identifies a row of an activation, needed there; rows with the same key are one unit",
  ),
}));

/** What no option can tell by itself. @throws MillraceError `JOB_INVALID` | `VALUE_INVALID` */
export function assertUnits(
  where: string,
  options: UnitOptions,
  { takesVariables, mode }: { readonly takesVariables: boolean; readonly mode: WriteMode },
): void {
  const { inputs = {}, partition, watermark, maxUnitsPerRun } = options;
  const given = Object.entries({ partition, watermark, maxUnitsPerRun, inputs: Object.keys(inputs)[0] });
  const [useless] = takesVariables ? [] : given.filter(([, value]) => value !== undefined);
  if (useless !== undefined) throw refusal(where, [useless[0]], "left out for a source without variables", useless[1]);
  if ((watermark !== undefined || maxUnitsPerRun !== undefined) && mode === "replace") {
    throw refusal(where, ["output", "mode"], "`append` or `merge` for a run that reads a part of the rows", mode, {
      hint: "a run that replaces all rows by those of a part would lose the others",
    });
  }
  const activations = Object.entries(inputs).filter(([, { role }]) => role === "activation");
  const [first, second] = activations;
  if (second !== undefined)
    throw refusal(where, ["inputs", second[0], "role"], "`authentication` beside another activation", "activation");
  if (first !== undefined && first[1].key === undefined) {
    throw refusal(where, ["inputs", first[0], "key"], "the column that identifies a row", undefined);
  }
  if (partition !== undefined && partition !== "none" && watermark?.kind !== "time") {
    throw refusal(where, ["partition"], "left out without a `watermark` of the kind `time`", partition);
  }
  if (watermark?.kind !== "time") return;
  parseWindow(watermark.from, "9999-01-01");
  if (watermark.to !== undefined) parseWindow(watermark.from, watermark.to);
  parseTimeZone(watermark.timezone ?? "UTC");
}

function partitionSchema(): z.ZodType<Partition, Partition> {
  const names = z.enum(["none", "hourly", "daily", "weekly", "monthly", "yearly"]);
  const every = expecting("a period such as `P15D`, `P1M` or `PT6H`", z.string().refine(isPeriod));
  const expected = 'one of `none`, `hourly`, `daily`, `weekly`, `monthly`, `yearly`, or `{ every: "P15D" }`';
  return expecting(expected, z.union([names, z.strictObject({ every })]));
}

function watermarkSchema(): z.ZodType<UnitWatermark, UnitWatermark> {
  const schema = z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("time"),
      from: text("a date or an instant"),
      to: text("a date or an instant").optional(),
      timezone: text().optional(),
      grace: duration().optional(),
      abstain: duration().optional(),
      partial: z.boolean().optional(),
      format: choice(["iso", "date", "seconds", "milliseconds"]).optional(),
    }),
    z.strictObject({
      kind: z.literal("cursor"),
      field: text(),
      from: z.union([z.string().min(1), z.number()]).optional(),
    }),
  ]);
  // an option that is `undefined` was left out
  return expecting(
    "an object whose `kind` is `time` or `cursor`",
    schema as unknown as z.ZodType<UnitWatermark, UnitWatermark>,
  );
}
