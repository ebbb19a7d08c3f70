// Time on the screen, counted by the server's clock: ages, countdowns, durations that grow while something runs.
import type { ReactElement } from "react";
import { useServerNow } from "../../queries/server-clock.ts";
import { formatAge, formatInstant, formatMs } from "./format-quantity.ts";

/** `5 m ago`, `in 2 h`, with the exact instant as its title. Nothing yet is a dash. */
export function RelativeTime({ at }: { readonly at: string | null }): ReactElement {
  const nowMs = useServerNow();
  if (at === null) return <Nothing />;
  return (
    <time dateTime={at} title={`${formatInstant(at, nowMs)} · ${at}`} className="number">
      {formatAge(nowMs - Date.parse(at))}
    </time>
  );
}

/** When something comes: `in 2 h`, or `due 5 m ago` for what should have come. */
export function DueTime({ at }: { readonly at: string | null }): ReactElement {
  const nowMs = useServerNow();
  const isLate = at !== null && nowMs - Date.parse(at) > lateMs;
  return (
    <span>
      {isLate ? "due " : ""}
      <RelativeTime at={at} />
    </span>
  );
}

const lateMs = 60_000;

/** `21 Nov, 14:03:07` in the reader's zone, with the instant in UTC as its title. */
export function Instant({
  at,
  precision = "second",
}: {
  readonly at: string | null;
  readonly precision?: "minute" | "second";
}): ReactElement {
  const nowMs = useServerNow();
  if (at === null) return <Nothing />;
  return (
    <time dateTime={at} title={at} className="number">
      {formatInstant(at, nowMs, precision)}
    </time>
  );
}

/** `3 m 05 s`. */
export function Duration({ ms }: { readonly ms: number | null }): ReactElement {
  if (ms === null) return <Nothing />;
  return (
    <span className="number" title={`${ms} ms`}>
      {formatMs(ms)}
    </span>
  );
}

/** The duration from one instant to another; it grows while there is no end. */
export function Elapsed({ from, to }: { readonly from: string | null; readonly to: string | null }): ReactElement {
  return from === null ? (
    <Nothing />
  ) : to === null ? (
    <GrowingDuration fromMs={Date.parse(from)} />
  ) : (
    <Duration ms={Date.parse(to) - Date.parse(from)} />
  );
}

/** Says that there is no value: a dash to see, a word to hear. */
export function Nothing({ text = "none" }: { readonly text?: string }): ReactElement {
  return (
    <span className="nothing">
      <span aria-hidden="true">–</span>
      <span className="only-read">{text}</span>
    </span>
  );
}

function GrowingDuration({ fromMs }: { readonly fromMs: number }): ReactElement {
  const nowMs = useServerNow();
  return <span className="number">{formatMs(Math.max(0, Math.floor((nowMs - fromMs) / 1_000) * 1_000))}</span>;
}
