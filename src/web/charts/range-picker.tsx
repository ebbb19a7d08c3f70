// The range and the form of metrics: lengths up to now, a range that was dragged over, charts or a table.
import type { ReactElement } from "react";
import { formatInstant } from "../components/values/format-quantity.ts";
import { Icon } from "../components/values/icon.tsx";
import { serverNowMs } from "../queries/server-clock.ts";
import { metricRanges, type MetricsSearch } from "../search/metrics-search.ts";

export interface RangePickerProps {
  readonly search: MetricsSearch;
  readonly onChange: (change: Partial<MetricsSearch>) => void;
}

/** Buttons that say which is chosen. */
export function RangePicker({ search, onChange }: RangePickerProps): ReactElement {
  const { since, until, as } = search;
  return (
    <div className="segments-row">
      <div className="segments" role="group" aria-label="Range">
        {metricRanges.map((range) => (
          <button
            key={range}
            type="button"
            aria-pressed={since === undefined && range === (search.range ?? "24h")}
            onClick={() => onChange({ range, since: undefined, until: undefined })}
          >
            {range}
          </button>
        ))}
      </div>
      {since === undefined ? null : (
        <button type="button" className="button" onClick={() => onChange({ since: undefined, until: undefined })}>
          <Icon name="close" /> {formatInstant(since, serverNowMs(), "minute")} to{" "}
          {until === undefined ? "now" : formatInstant(until, serverNowMs(), "minute")}
        </button>
      )}
      <div className="segments" role="group" aria-label="Show as">
        <button type="button" aria-pressed={as === undefined} onClick={() => onChange({ as: undefined })}>
          Charts
        </button>
        <button type="button" aria-pressed={as === "table"} onClick={() => onChange({ as: "table" })}>
          Table
        </button>
      </div>
    </div>
  );
}
