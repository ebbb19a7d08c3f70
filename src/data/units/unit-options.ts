// What a job says of the parts that its source is read in: values from other datasets, ranges of time, and how far it has read.
import { z } from "zod";
import type { WriteMode } from "../../core/dataset/dataset.ts";
import type { Duration } from "../../core/duration.ts";
import { isPeriod, type Partition } from "../../core/schedule/partition.ts";
import { parseTimeZone } from "../../core/schedule/time-zone.ts";
import { parseWindow } from "../../core/schedule/window.ts";
import { expecting, optional } from "../../core/spec/option-notes.ts";
import { choice, duration, integer, text } from "../../core/spec/option-values.ts";
import { refusal } from "../../core/spec/parse-options.ts";
import { defineSpec, type Spec } from "../../core/spec/spec.ts";
import { assertInputs, type Inputs, inputSpec, inputsOf } from "./input-options.ts";

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
  readonly inputs?: Inputs;
  readonly partition?: Partition;
  readonly watermark?: UnitWatermark;
  readonly maxUnitsPerRun?: number;
}

export const unitOptionsSpec: Spec<UnitOptions> = defineSpec<UnitOptions>()(() => ({
  inputs: optional(
    expecting("an object of inputs", z.record(z.string().regex(/^[A-Za-z_]\w*$/), inputSpec.schema)),
  ).describe(
    "datasets whose rows give values to variables of the source, each under its name, or that checks compare with",
  ),
  partition: optional(partitionSchema(), "one part").describe("how the time of `watermark` is cut into units"),
  watermark: optional(watermarkSchema()).describe('how far the job has read: `kind: "time"` or `kind: "cursor"`'),
  maxUnitsPerRun: optional(integer(1), "all").describe("units that one run reads; the others follow in the next"),
}));

/** What no option can tell by itself. @throws MillraceError `JOB_INVALID` | `VALUE_INVALID` */
export function assertUnits(
  where: string,
  options: UnitOptions,
  { takesVariables, mode }: { readonly takesVariables: boolean; readonly mode: WriteMode },
): void {
  const { inputs = {}, partition, watermark, maxUnitsPerRun } = options;
  const [variable] = Object.entries(inputs).find(([, { role }]) => role !== "validation") ?? [];
  const given = Object.entries({ partition, watermark, maxUnitsPerRun, inputs: variable });
  const [useless] = takesVariables ? [] : given.filter(([, value]) => value !== undefined);
  if (useless !== undefined) throw refusal(where, [useless[0]], "left out for a source without variables", useless[1]);
  if ((watermark !== undefined || maxUnitsPerRun !== undefined) && mode === "replace") {
    throw refusal(where, ["output", "mode"], "`append` or `merge` for a run that reads a part of the rows", mode, {
      hint: "a run that replaces all rows by those of a part would lose the others",
    });
  }
  assertInputs(where, inputs);
  assertPayload(where, options);
  if (partition !== undefined && partition !== "none" && watermark?.kind !== "time") {
    throw refusal(where, ["partition"], "left out without a `watermark` of the kind `time`", partition);
  }
  if (watermark?.kind !== "time") return;
  parseWindow(watermark.from, "9999-01-01");
  if (watermark.to !== undefined) parseWindow(watermark.from, watermark.to);
  parseTimeZone(watermark.timezone ?? "UTC");
}

/** What was sent is remembered by batches, and not by how far a unit was read. */
function assertPayload(where: string, { inputs = {}, watermark, maxUnitsPerRun }: UnitOptions): void {
  if (inputsOf(inputs, "payload").length === 0) return;
  const [given] = Object.entries({ watermark, maxUnitsPerRun }).filter(([, value]) => value !== undefined);
  if (given === undefined) return;
  throw refusal(where, [given[0]], "left out beside a payload, which is sent as a whole", given[1], {
    hint: "choose the rows that are to be sent in the job that publishes the payload",
  });
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
