// How far behind somebody is, and how fast something goes: in figures with their words.
import type { ReactElement } from "react";
import { formatMs, formatRate, formatShortCount } from "../components/values/format-quantity.ts";
import { Nothing } from "../components/values/time.tsx";

/** `caught up`, or `1,204 behind`. */
export function Lag({ records, ms = null }: { readonly records: number; readonly ms?: number | null }): ReactElement {
  if (records === 0) return <span className="muted">caught up</span>;
  const title = ms === null ? `${records} records` : `${records} records, the oldest ${formatMs(ms)} old`;
  return (
    <span className="number" title={title}>
      {formatShortCount(records)} behind
    </span>
  );
}

/** Nothing until the server has looked twice. */
export function Rate({ perSecond }: { readonly perSecond: number | null }): ReactElement {
  if (perSecond === null) return <Nothing text="not known yet" />;
  return <span className="number">{formatRate(perSecond)}</span>;
}
