// Shows how far something is, and when it will be done: as a range, since nobody knows the minute.
import type { ReactElement } from "react";
import type { Progress } from "../../../api/run.ts";
import { useServerNow } from "../../queries/server-clock.ts";
import { formatCount, formatMs, formatRate } from "./format-quantity.ts";

export interface ProgressBarProps {
  /** 0 to 100; null while the total is unknown, then it only shows that something happens. */
  readonly percent: number | null;
  /** What progresses, for people who hear it. */
  readonly label: string;
  /** Without the number beside it; default false. */
  readonly bare?: boolean;
}

/** A bar with its percentage. */
export function ProgressBar({ percent, label, bare = false }: ProgressBarProps): ReactElement {
  const value = percent === null ? null : Math.min(100, Math.max(0, percent));
  return (
    <span className="progress">
      <progress max={100} {...(value === null ? {} : { value })} aria-label={label} />
      {bare || value === null ? null : <span className="number progress-value">{Math.floor(value)}%</span>}
    </span>
  );
}

/** The bar with operation, counts, rate and the range of the end. */
export function ProgressDetail({
  progress,
  label,
}: {
  readonly progress: Progress;
  readonly label: string;
}): ReactElement {
  const { done, total, rate, operation } = progress;
  return (
    <div className="progress-detail">
      <ProgressBar percent={progress.percent} label={label} />
      <p className="progress-facts">
        {operation === null ? null : <span className="progress-operation">{operation}</span>}
        {done === null ? null : (
          <span className="number">
            {formatCount(done)}
            {total === null ? "" : ` of ${formatCount(total)}`}
          </span>
        )}
        {rate === null ? null : <span className="number">{formatRate(rate)}</span>}
        {progress.eta === null ? null : <EtaRange eta={progress.eta} />}
      </p>
    </div>
  );
}

/** `done in 4–7 m`: as likely sooner as later than the first, nine times of ten sooner than the second. */
export function EtaRange({ eta }: { readonly eta: NonNullable<Progress["eta"]> }): ReactElement {
  const nowMs = useServerNow();
  return (
    <span className="number" title={`as likely before ${eta.p50} as after; nine times of ten before ${eta.p90}`}>
      {formatEta(Date.parse(eta.p50) - nowMs, Date.parse(eta.p90) - nowMs)}
    </span>
  );
}

function formatEta(likelyMs: number, latestMs: number): string {
  if (latestMs <= 0) return "later than expected";
  const likely = formatMs(round(likelyMs));
  const latest = formatMs(round(latestMs));
  if (likelyMs <= 0) return `done within ${latest}`;
  return likely === latest ? `done in ${likely}` : `done in ${likely} to ${latest}`;
}

// To seconds, so that the text does not flicker.
function round(ms: number): number {
  return Math.max(1_000, Math.round(ms / 1_000) * 1_000);
}
