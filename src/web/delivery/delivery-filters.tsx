// Whose figures are shown, by week or month, over how long, and what they are compared with.
import type { ReactElement } from "react";
import type { Delivery } from "../../api/delivery/delivery.ts";
import { benchmarkYears } from "../../core/delivery/dora-metrics.ts";
import { deliveryRanges, type DeliverySearch } from "../search/delivery-search.ts";
import { formatPeriod } from "./figure-words.ts";

export interface DeliveryFiltersProps {
  readonly delivery: Delivery;
  readonly search: DeliverySearch;
  readonly onChange: (change: Partial<DeliverySearch>) => void;
}

export function DeliveryFilters({ delivery, search, onChange }: DeliveryFiltersProps): ReactElement {
  const { services, service, period, periods, shown, benchmark } = delivery;
  return (
    <div className="filters" role="search" aria-label="Filter figures">
      <Choice
        label="Service"
        value={service ?? ""}
        options={services.map((name) => ({ value: name, text: name }))}
        onChange={(name) => onChange({ service: name, at: undefined })}
      />
      <div className="segments" role="group" aria-label="By">
        {(["week", "month"] as const).map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={each === period}
            onClick={() => onChange({ period: each === "month" ? each : undefined, at: undefined })}
          >
            {each === "week" ? "Weeks" : "Months"}
          </button>
        ))}
      </div>
      <Choice
        label="How many"
        value={search.range ?? "26"}
        options={deliveryRanges.map((range) => ({ value: range, text: `last ${range}` }))}
        onChange={(range) => onChange({ range: deliveryRanges.find((each) => each === range), at: undefined })}
      />
      <Choice
        label="Shown"
        value={shown?.start_at ?? ""}
        options={periods.toReversed().map(({ start_at: start, is_complete: isComplete }) => ({
          value: start,
          text: `${formatPeriod(start, period)}${isComplete ? "" : ", not over"}`,
        }))}
        onChange={(at) => onChange({ at })}
      />
      <Choice
        label="Compared with"
        value={benchmark.year}
        options={benchmarkYears.map((year) => ({ value: year, text: `DORA ${year}` }))}
        onChange={(year) => onChange({ benchmark: benchmarkYears.find((each) => each === year) })}
      />
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly text: string }[];
  readonly onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps): ReactElement {
  return (
    <label className="field-inline">
      <span className="muted">{label}</span>
      <select className="filter" value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
    </label>
  );
}
