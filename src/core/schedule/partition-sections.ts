// A range cut by several steps, one after the other, such as months of the past and days since then. Sections follow one another
// without a gap, so that no time is left out; each keeps its own beginning as the anchor of its parts.
import { MillraceError } from "../errors/errors.ts";
import { listParts, type Part, type Partition, type Period, periods, type Sections } from "./partition.ts";
import type { TimeZone } from "./time-zone.ts";
import { parseWindow, type Window } from "./window.ts";

/** A range and how it is cut. */
export interface Section extends Window {
  readonly step: Exclude<Partition, Sections>;
  /** Whether its end was declared, so that the part which ends there is a whole one. */
  readonly isClosed: boolean;
}

/** A part of a section, as far as it lies in a range. */
export interface SectionPart extends Part {
  /** Where the part begins, also when that is before the range. */
  readonly start: string;
}

/** Whether a partition has several steps. */
export function hasSections(partition: Partition): partition is Sections {
  return typeof partition === "object" && !("every" in partition);
}

/**
 * The sections of a range in their order. A partition of one step is one section.
 * @param to end of the section that ends `now`
 * @throws MillraceError `VALUE_INVALID` for sections with a gap, and when the first does not begin where the range does
 */
export function listSections(partition: Partition, { from, to }: Window): readonly Section[] {
  if (!hasSections(partition)) return [{ from, to, step: partition, isClosed: false }];
  const declared = periods
    .flatMap((step) => toDeclared(step, partition[step]))
    .toSorted((a, b) => (a.from < b.from ? -1 : 1));
  let end = from;
  for (const [index, section] of declared.entries()) {
    if (section.from !== end) throw apart(section, end);
    if (section.to === undefined && index < declared.length - 1) throw endless(section.step);
    end = section.to ?? to;
  }
  return declared
    .map((section) => ({ ...section, to: section.to ?? to, isClosed: section.to !== undefined }))
    .filter((section) => section.from < section.to);
}

/** The parts of all sections, as far as they lie in the range. A part that the range cuts keeps what lies in it. */
export function* listSectionParts(sections: readonly Section[], range: Window, zone: TimeZone): Generator<SectionPart> {
  for (const { from, to, step, isClosed } of sections) {
    const end = to < range.to ? to : range.to;
    if (from >= end) continue;
    for (const part of listParts({ from, to: end }, step, zone)) {
      if (part.to <= range.from) continue;
      yield {
        start: part.from,
        from: part.from > range.from ? part.from : range.from,
        to: part.to,
        isWhole: part.isWhole || (isClosed && part.to === to),
      };
    }
  }
}

interface DeclaredSection {
  readonly step: Period;
  readonly from: string;
  /** Absent for one that ends now. */
  readonly to: string | undefined;
}

function toDeclared(step: Period, range: readonly [from: string, to: string] | undefined): readonly DeclaredSection[] {
  if (range === undefined) return [];
  const [from, to] = range;
  const isOpen = to === "now";
  const window = parseWindow(from, isOpen ? "9999-01-01" : to);
  return [{ step, from: window.from, to: isOpen ? undefined : window.to }];
}

function apart({ step, from }: DeclaredSection, end: string): MillraceError {
  return new MillraceError(
    "VALUE_INVALID",
    `expected \`${step}\` of the partition to begin at \`${end}\`, got: \`${from}\``,
    {
      hint: "the first section begins at `from` of the watermark, and each other one where the section before it ends",
    },
  );
}

function endless(step: Period): MillraceError {
  return new MillraceError("VALUE_INVALID", `expected \`${step}\` of the partition to end at a date, got: \`now\``, {
    hint: "only the last section ends `now`",
  });
}
