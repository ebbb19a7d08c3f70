// Defines the record of a bench: one JSON file in bench/results with its newest figures and the machine and versions
// behind them.
import type { Bench, Measure, Target } from "./bench.ts";
import type { Machine } from "./machine.ts";
import { isMet, ratios, summarize, type Summary } from "./statistics.ts";

export interface BenchRecord {
  readonly bench: string;
  readonly description: string;
  /** ISO 8601, to the minute. */
  readonly measuredAt: string;
  readonly machine: Machine;
  readonly repetitions: number;
  /** Share (0–1) of the machine that other processes used meanwhile. */
  readonly othersShare: number;
  /** Whether a server that the bench started counts among the others. */
  readonly hasServer: boolean;
  readonly measures: readonly MeasureRecord[];
}

export interface MeasureRecord {
  readonly measure: string;
  readonly unit: Measure["unit"];
  readonly ours: Summary;
  readonly peer: Summary & { readonly name: string };
  /** Ours divided by the peer's value of the same repetition. */
  readonly ratio: Summary;
  readonly target: Target | null;
  /** Null without a target. */
  readonly isMet: boolean | null;
}

/** What a bench gave, before it is summed up. */
export interface BenchResult {
  readonly bench: Bench;
  readonly measures: readonly Measure[];
  readonly othersShare: number;
}

/** Sums a bench up; numbers keep four digits. */
export function toRecord({ bench, measures, othersShare }: BenchResult, machine: Machine, at: Date): BenchRecord {
  return {
    bench: bench.name,
    description: bench.description,
    measuredAt: `${at.toISOString().slice(0, 16)}Z`,
    machine,
    repetitions: measures[0]?.ours.length ?? 0,
    othersShare: round(othersShare),
    hasServer: bench.hasServer === true,
    measures: measures.map(toMeasureRecord),
  };
}

function toMeasureRecord(measure: Measure): MeasureRecord {
  return {
    measure: measure.name,
    unit: measure.unit,
    ours: roundAll(summarize(measure.ours)),
    peer: { name: measure.peer.name, ...roundAll(summarize(measure.peer.values)) },
    ratio: roundAll(summarize(ratios(measure))),
    target: measure.target ?? null,
    isMet: isMet(measure) ?? null,
  };
}

function roundAll({ p50, p95, min, max }: Summary): Summary {
  return { p50: round(p50), p95: round(p95), min: round(min), max: round(max) };
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
