// What of units no option can tell by itself: looked at when a job is defined.
import type { DatasetOutput } from "../../core/dataset/dataset.ts";
import { floorTo } from "../../core/schedule/granularity.ts";
import { assertInstantFormat, formatInstant, readInstant, toMicros } from "../../core/schedule/instant-format.ts";
import { hasSections, listSections } from "../../core/schedule/partition-sections.ts";
import { isPeriod } from "../../core/schedule/partition.ts";
import { parseTimeZone } from "../../core/schedule/time-zone.ts";
import { parseWindow } from "../../core/schedule/window.ts";
import { refusal } from "../../core/spec/parse-options.ts";
import type { UnitAbility } from "../source.ts";
import { assertInputs, inputsOf } from "./input-options.ts";
import { type CursorWatermark, fixedEnd, type TimeWatermark, type UnitOptions } from "./unit-options.ts";

/** What the source can do, and how its rows are written. */
interface SourceUse {
  readonly takesVariables: boolean;
  readonly abilities: readonly UnitAbility[];
  readonly output: DatasetOutput;
}

/** @throws MillraceError `JOB_INVALID` | `VALUE_INVALID` */
export function assertUnits(where: string, options: UnitOptions, use: SourceUse): void {
  const { takesVariables, abilities, output } = use;
  const { mode = "replace" } = output;
  const { inputs = {}, partition, watermark } = options;
  if (!takesVariables) assertUnused(where, options);
  assertInputs(where, inputs);
  assertPayload(where, options);
  const [first] = inputsOf(inputs, "activation").map(([name]) => name);
  assertAble(where, options, abilities);
  assertCounted(where, options, first);
  assertState(where, options, output, first);
  if (partition !== undefined && partition !== "none" && watermark?.kind !== "time") {
    throw refusal(where, ["partition"], "left out without a `watermark` of the kind `time`", partition);
  }
  if (watermark?.kind === "units") assertUnitValues(where, watermark.values, first);
  if (watermark?.kind === "time") {
    assertTime(where, watermark, partition);
    if (mode === "append") assertReadOnce(where, watermark);
    if (mode === "scd2" && partition !== undefined && partition !== "none") assertMoments(where, options, watermark);
    if (mode === "append" || mode === "delete_insert") assertTellsHours(where, watermark);
  }
  if (watermark?.kind === "cursor") assertCursor(where, watermark);
}

function assertUnused(where: string, { inputs = {}, ...options }: UnitOptions): void {
  const [variable] = Object.entries(inputs).find(([, { role }]) => role !== "validation") ?? [];
  const given = Object.entries({ ...options, inputs: variable });
  const [useless] = given.filter(([, value]) => value !== undefined);
  if (useless !== undefined) throw refusal(where, [useless[0]], "left out for a source without variables", useless[1]);
}

/** An option that the source does not keep to would be ignored without a word. */
function assertAble(where: string, options: UnitOptions, abilities: readonly UnitAbility[]): void {
  const { unitConcurrency, minRowsPerUnit, watermark } = options;
  const wanted = [
    ["concurrency", ["unitConcurrency"], unitConcurrency],
    ["minRows", ["minRowsPerUnit"], minRowsPerUnit],
    ["cursor", ["watermark", "kind"], watermark?.kind === "cursor" ? watermark.kind : undefined],
  ] as const;
  for (const [ability, path, given] of wanted) {
    if (given === undefined || abilities.includes(ability)) continue;
    const expected = ability === "cursor" ? "`time` or `units` for this source" : "left out for this source";
    throw refusal(where, path, expected, given, {
      hint: "the source gives its units as they are, one after the other",
    });
  }
}

/** Parts of time are as many as there are, so that only units out of an activation can be too few. */
function assertCounted(where: string, { minUnits, watermark }: UnitOptions, activation: string | undefined): void {
  if (minUnits === undefined || activation !== undefined || watermark?.kind === "units") return;
  throw refusal(where, ["minUnits"], "left out without an input with the role `activation`", minUnits);
}

/** What was sent is remembered by batches, which go one after the other, and not by how far a unit was read. */
function assertPayload(where: string, options: UnitOptions): void {
  const { inputs = {}, watermark, maxUnitsPerRun, unitConcurrency, minUnits, minRowsPerUnit } = options;
  if (inputsOf(inputs, "payload").length === 0) return;
  const useless = { watermark, maxUnitsPerRun, unitConcurrency, minUnits, minRowsPerUnit };
  const [given] = Object.entries(useless).filter(([, value]) => value !== undefined);
  if (given === undefined) return;
  const expected = "left out beside a payload, which is sent as a whole, batch after batch";
  throw refusal(where, [given[0]], expected, given[1], {
    hint: "choose the rows that are to be sent in the job that publishes the payload, and look at the answers with `checks`",
  });
}

/** A run that reads a part of the units needs to remember which, and must not replace the rows of the others. */
function assertState(where: string, options: UnitOptions, output: DatasetOutput, activation: string | undefined): void {
  const { inputs = {}, watermark, maxUnitsPerRun } = options;
  const { changedOnly = false } = (activation === undefined ? undefined : inputs[activation]) ?? {};
  if (watermark === undefined && changedOnly === false) {
    if (maxUnitsPerRun === undefined) return;
    throw refusal(where, ["maxUnitsPerRun"], "left out without a `watermark` or `changedOnly`", maxUnitsPerRun, {
      hint: 'nothing would tell which units the next run has to read; add `watermark: { kind: "units" }` to read each of them once',
    });
  }
  assertPartial(where, output, { isByTime: watermark?.kind === "time" && activation === undefined });
}

/** Rows that a run has not read must not be taken for rows that are gone. */
function assertPartial(where: string, output: DatasetOutput, { isByTime }: { readonly isByTime: boolean }): void {
  const { mode = "replace", absent } = output;
  const hint = "a run that replaces all rows by those of a part would lose the others";
  if (mode === "replace" || mode === "snapshot") {
    throw refusal(where, ["output", "mode"], "`append` or `merge` for a run that reads a part of the rows", mode, {
      hint,
    });
  }
  if (mode === "delete_insert" && !isByTime) {
    const expected = "`append` or `merge` for a run that reads some units, or what is new";
    throw refusal(where, ["output", "mode"], expected, mode, {
      hint: "`delete_insert` replaces all rows of a window; it goes with a `watermark` of the kind `time` and without an activation",
    });
  }
  if (absent === "close")
    throw refusal(where, ["output", "absent"], "`keep` for a run that reads a part of the rows", absent, { hint });
}

function assertUnitValues(where: string, values: readonly unknown[] | undefined, activation: string | undefined): void {
  if (values === undefined && activation === undefined) {
    throw refusal(where, ["watermark", "values"], "the units, or an input with the role `activation`", values);
  }
  if (values !== undefined && activation !== undefined) {
    throw refusal(where, ["watermark", "values"], "left out beside an activation", values);
  }
}

function assertTime(where: string, watermark: TimeWatermark, partition: UnitOptions["partition"]): void {
  const { from, timezone = "UTC", format = "iso", granularity } = watermark;
  parseTimeZone(timezone);
  assertInstantFormat(format);
  if (isPeriod(from)) {
    if (partition === undefined || !hasSections(partition)) return;
    throw refusal(where, ["watermark", "from"], "a date, at which the first section of the partition begins", from);
  }
  const range = parseWindow(from, fixedEnd(watermark) ?? "9999-01-01");
  listSections(partition ?? "none", range);
  if (granularity === undefined) return;
  const start = toMicros(range.from);
  if (floorTo(start, granularity, timezone) === start) return;
  throw refusal(where, ["watermark", "from"], `the beginning of a ${granularity} in \`${timezone}\``, from);
}

function assertReadOnce(where: string, { grace }: TimeWatermark): void {
  if (grace === undefined) return;
  throw refusal(where, ["watermark", "grace"], "left out beside the mode `append`", grace, {
    hint: 'what is read again would be appended twice; use `mode: "merge"` or `"delete_insert"`',
  });
}

/** The versions of a run begin at one moment, and moments only go forward. @see `assertOneMoment` for runs without a cap */
function assertMoments(where: string, { maxUnitsPerRun }: UnitOptions, { grace }: TimeWatermark): void {
  if (maxUnitsPerRun !== 1) {
    throw refusal(where, ["maxUnitsPerRun"], "`1` for parts of time beside the mode `scd2`", maxUnitsPerRun, {
      hint: "all versions of a run begin at one moment, so that a run of two parts would have two versions of a key at once, and a part that failed would come after later ones; or leave `partition` out",
    });
  }
  if (grace === undefined) return;
  throw refusal(where, ["watermark", "grace"], "left out for parts of time beside the mode `scd2`", grace, {
    hint: "a part that is read again comes after later ones, which no history takes back",
  });
}

/** A part that is read up to now goes on from there, which a format without a time of the day cannot say. */
function assertTellsHours(where: string, watermark: TimeWatermark): void {
  const { format = "iso", granularity, partial } = watermark;
  const hour = 3_600_000_000n;
  const tellsHours = formatInstant(0n, format, "UTC") !== formatInstant(hour, format, "UTC");
  if (tellsHours || granularity !== undefined || partial === false || fixedEnd(watermark) !== undefined) return;
  throw refusal(where, ["watermark", "format"], "one with a time of the day, since today is read up to now", format, {
    hint: 'the rest of today would be asked for as the whole day, and its rows would come twice; add `granularity: "day"` or `partial: false`, or use `mode: "merge"`',
  });
}

function assertCursor(where: string, { formats, format, timezone = "UTC", from, overlap }: CursorWatermark): void {
  parseTimeZone(timezone);
  if (formats === undefined) {
    const [given] = Object.entries({ format, overlap }).filter(([, value]) => value !== undefined);
    if (given === undefined) return;
    throw refusal(
      where,
      ["watermark", given[0]],
      "left out without `formats`, which say how the field is written",
      given[1],
    );
  }
  for (const one of [...formats, ...(format === undefined ? [] : [format])]) assertInstantFormat(one);
  if (from === undefined || [...formats, "iso", "date"].some((one) => readInstant(from, one, timezone) !== undefined))
    return;
  throw refusal(where, ["watermark", "from"], "an instant in one of the `formats`, or in ISO", from);
}
