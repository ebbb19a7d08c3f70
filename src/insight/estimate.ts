// How far a run is and when it will be done, as a range: from the pace of its own progress, and from how long its job took
// before. Pure; an estimate says what it is based on.

/** One report of a run's progress. */
export interface ProgressSample {
  readonly atMs: number;
  readonly done: number;
  readonly total: number | undefined;
}

/** Durations of earlier runs of the job. */
export interface PastDurations {
  readonly p50Ms: number;
  readonly p95Ms: number;
}

export interface EstimateInput {
  /** Oldest first, of one attempt. More samples make a better range. */
  readonly samples: readonly ProgressSample[];
  /** When the run started first; what it took before counts from there. */
  readonly startedAtMs: number;
  /** When the attempt started that the samples are of. Default: the run's start. */
  readonly attemptStartedAtMs?: number;
  readonly nowMs: number;
  readonly past?: PastDurations | undefined;
}

export interface Estimate {
  /** 0 to 100; `undefined` while the total is unknown. */
  readonly percent: number | undefined;
  /** Records per second at the present pace. */
  readonly ratePerSecond: number | undefined;
  readonly eta: EtaRange | undefined;
}

/** Milliseconds from now. */
export interface EtaRange {
  /** As likely sooner as later. */
  readonly p50Ms: number;
  /** Nine times of ten sooner. */
  readonly p90Ms: number;
  readonly basis: "progress" | "past" | "both";
}

/** After this time a sample counts half as much. */
const halfLifeMs = 30_000;

/** What is known now. */
export function estimate({
  samples,
  startedAtMs,
  attemptStartedAtMs = startedAtMs,
  nowMs,
  past,
}: EstimateInput): Estimate {
  const usable = toIncreasing(samples);
  const last = usable.at(-1);
  const pace = measurePace(usable, attemptStartedAtMs, nowMs);
  const percent = toPercent(last);
  const fromProgress = last === undefined ? undefined : etaOfProgress(last, pace);
  const fromPast = past === undefined ? undefined : etaOfPast(past, Math.max(0, nowMs - startedAtMs));
  return { percent, ratePerSecond: pace?.perSecond, eta: combine(fromProgress, fromPast, percent) };
}

interface Pace {
  readonly perSecond: number;
  /** How far the pace differs from sample to sample, as a share of it. */
  readonly deviation: number;
}

type Range = Omit<EtaRange, "basis">;

// Clocks jump and attempts count anew: what does not go forward is left out.
function toIncreasing(samples: readonly ProgressSample[]): readonly ProgressSample[] {
  const kept: ProgressSample[] = [];
  for (const sample of samples) {
    if (!Number.isFinite(sample.done) || sample.done < 0) continue;
    const before = kept.at(-1);
    if (before !== undefined && sample.done < before.done) kept.splice(0, kept.length, sample);
    else if (before === undefined || sample.atMs > before.atMs) kept.push(sample);
  }
  return kept;
}

// Exponentially weighted over the samples; when longer nothing came than a record should take, the pace is at most that.
function measurePace(samples: readonly ProgressSample[], startedAtMs: number, nowMs: number): Pace | undefined {
  const first = samples[0];
  if (first === undefined) return undefined;
  let before: Pick<ProgressSample, "atMs" | "done"> = first.atMs > startedAtMs ? { atMs: startedAtMs, done: 0 } : first;
  let mean: number | undefined;
  let variance = 0;
  for (const sample of samples) {
    const elapsedMs = sample.atMs - before.atMs;
    if (elapsedMs <= 0) continue;
    const perSecond = ((sample.done - before.done) * 1_000) / elapsedMs;
    const weight = mean === undefined ? 1 : 1 - 2 ** (-elapsedMs / halfLifeMs);
    const difference: number = mean === undefined ? 0 : perSecond - mean;
    mean = mean === undefined ? perSecond : mean + weight * difference;
    variance = (1 - weight) * (variance + weight * difference * difference);
    before = sample;
  }
  if (mean === undefined || !(mean > 0) || !Number.isFinite(mean)) return undefined;
  const silenceMs = Math.max(0, nowMs - before.atMs);
  const perSecond = mean * Math.min(1, 2 ** (-(silenceMs - 1_000 / mean) / halfLifeMs));
  if (!(perSecond > 0)) return undefined;
  const deviation = Math.sqrt(variance) / mean;
  return { perSecond, deviation: Number.isFinite(deviation) ? deviation : 1 };
}

function toPercent(last: ProgressSample | undefined): number | undefined {
  if (last?.total === undefined || !isTotal(last.total)) return undefined;
  return Math.min(100, 100 * (last.done / last.total));
}

// The more the pace varies, the wider the range; it is never known better than by a tenth.
function etaOfProgress({ done, total }: ProgressSample, pace: Pace | undefined): Range | undefined {
  if (total === undefined || !isTotal(total)) return undefined;
  if (done >= total) return { p50Ms: 0, p90Ms: 0 };
  if (pace === undefined) return undefined;
  const p50Ms = ((total - done) * 1_000) / pace.perSecond;
  if (!Number.isSafeInteger(Math.round(p50Ms * 8))) return undefined;
  return { p50Ms, p90Ms: p50Ms * (1 + Math.max(0.1, Math.min(1.28 * pace.deviation, 4))) };
}

// What is left of a run that has taken `elapsedMs`. About one that takes longer than nearly all before it the past says nothing.
function etaOfPast({ p50Ms, p95Ms }: PastDurations, elapsedMs: number): Range | undefined {
  if (!(p50Ms > 0) || elapsedMs >= p95Ms) return undefined;
  const p90Ms = p50Ms + (Math.max(p95Ms, p50Ms) - p50Ms) * 0.78;
  const restMs = Math.max(p50Ms - elapsedMs, (p95Ms - elapsedMs) / 2);
  return { p50Ms: restMs, p90Ms: Math.max(p90Ms - elapsedMs, restMs) };
}

// In the beginning the past knows better, from two fifths on the run itself.
function combine(
  progress: Range | undefined,
  past: Range | undefined,
  percent: number | undefined,
): EtaRange | undefined {
  if (progress === undefined) return past === undefined ? undefined : { ...rounded(past), basis: "past" };
  const weight = Math.min(1, 0.2 + (percent ?? 0) / 50);
  if (past === undefined || weight === 1) return { ...rounded(progress), basis: "progress" };
  const p50Ms = weight * progress.p50Ms + (1 - weight) * past.p50Ms;
  const p90Ms = Math.max(p50Ms, weight * progress.p90Ms + (1 - weight) * past.p90Ms);
  return { ...rounded({ p50Ms, p90Ms }), basis: "both" };
}

function isTotal(total: number): boolean {
  return total > 0 && Number.isFinite(total);
}

function rounded({ p50Ms, p90Ms }: Range): Range {
  return { p50Ms: Math.round(p50Ms), p90Ms: Math.round(p90Ms) };
}
