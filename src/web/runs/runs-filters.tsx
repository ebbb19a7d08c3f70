// The filters of the list of runs, as they are in the address.
import type { ReactElement } from "react";
import type { RunState } from "../../core/job/run-state.ts";
import { ChoiceFilter, FilterBar, TextFilter, ToggleFilter } from "../components/tables/filter-bar.tsx";
import { Icon } from "../components/values/icon.tsx";
import { describeState } from "../components/values/state-appearance.ts";
import { runStates, type RunsSearch } from "../search/runs-search.ts";

export interface RunsFiltersProps {
  readonly search: RunsSearch;
  readonly onChange: (change: Partial<RunsSearch>) => void;
  readonly onClear: () => void;
}

const shownStates = runStates.filter((state) => state !== "NOT_STARTED");
const stateOptions = shownStates.map((state) => ({ value: state, label: <StateLabel state={state} /> }));
const ages = [
  { value: "1h", label: "Last hour" },
  { value: "24h", label: "Last 24 hours" },
  { value: "7d", label: "Last 7 days" },
  { value: "30d", label: "Last 30 days" },
] as const;

/** Every change is one entry of the history, so that Back takes it away. */
export function RunsFilters({ search, onChange, onClear }: RunsFiltersProps): ReactElement {
  const isFiltered = Object.values(search).some((value) => value !== undefined);
  const age = ages.find(({ value }) => value === search.since)?.value ?? "";
  return (
    <FilterBar label="Filter of runs" isFiltered={isFiltered} onClear={onClear}>
      <TextFilter
        label="Find in job, error, params, or a run id"
        placeholder="Job, error, params, r42"
        value={search.q ?? ""}
        isMain
        onChange={(q) => onChange({ q: q || undefined })}
      />
      <ToggleFilter
        label="States"
        values={shownStates.filter((state) => search.state?.split(",").includes(state))}
        options={stateOptions}
        onChange={(states) => onChange({ state: states.length === 0 ? undefined : states.join(",") })}
      />
      <TextFilter
        label="Exact job"
        placeholder="Job"
        value={search.job ?? ""}
        onChange={(job) => onChange({ job: job || undefined })}
      />
      <ChoiceFilter
        label="Age"
        anyLabel={search.since === undefined || age !== "" ? "Any time" : "Since a given time"}
        value={age}
        options={ages}
        onChange={(since) => onChange({ since })}
      />
      <MoreFilters search={search} onChange={onChange} />
      {search.fingerprint === undefined ? null : (
        <button type="button" className="toggle" aria-pressed onClick={() => onChange({ fingerprint: undefined })}>
          Same error <code>{search.fingerprint}</code> <Icon name="close" size={12} />
        </button>
      )}
    </FilterBar>
  );
}

function MoreFilters({ search, onChange }: Omit<RunsFiltersProps, "onClear">): ReactElement {
  const hasMore = [search.not, search.tenant, search.until, search.children].some((value) => value !== undefined);
  return (
    <details className="more-filters" open={hasMore}>
      <summary className="button button-quiet">
        <Icon name="filter" /> More
      </summary>
      <div className="filters">
        <TextFilter
          label="Jobs to leave out, separated by commas"
          placeholder="Not these jobs"
          value={search.not ?? ""}
          onChange={(not) => onChange({ not: not || undefined })}
        />
        <TextFilter
          label="Tenant"
          value={search.tenant ?? ""}
          onChange={(tenant) => onChange({ tenant: tenant || undefined })}
        />
        <DateFilter label="Since" value={search.since} onChange={(since) => onChange({ since })} />
        <DateFilter label="Until" value={search.until} onChange={(until) => onChange({ until })} />
        <label className="check-filter">
          <input
            type="checkbox"
            checked={search.children === true}
            onChange={(event) => onChange({ children: event.target.checked ? true : undefined })}
          />
          Runs inside pipelines
        </label>
      </div>
    </details>
  );
}

function StateLabel({ state }: { readonly state: RunState }): ReactElement {
  const { label, icon, tone } = describeState(state);
  return (
    <span className="state" data-tone={tone}>
      <Icon name={icon} size={14} /> {label}
    </span>
  );
}

interface DateFilterProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (instant: string | undefined) => void;
}

// In the reader's zone on the screen, an instant in the address.
function DateFilter({ label, value, onChange }: DateFilterProps): ReactElement {
  const parsedMs = value === undefined ? Number.NaN : Date.parse(value);
  const local = Number.isNaN(parsedMs) ? "" : toLocalText(new Date(parsedMs));
  return (
    <label className="date-filter">
      <span className="muted">{label}</span>
      <input
        type="datetime-local"
        className="filter"
        value={local}
        onChange={(event) => {
          const chosen = new Date(event.target.value);
          onChange(Number.isNaN(chosen.getTime()) ? undefined : chosen.toISOString());
        }}
      />
    </label>
  );
}

function toLocalText(date: Date): string {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
