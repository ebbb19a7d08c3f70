// The screen of schedules: the list, and the calendar of past and coming fires.
import { useNavigate, useSearch } from "@tanstack/react-router";
import "../styles/panels.css";
import type { ReactElement } from "react";
import { calendarViews } from "../search/schedules-search.ts";
import { CalendarPanel } from "../calendar/calendar-panel.tsx";
import { ScheduleList } from "../calendar/schedule-list.tsx";
import { FilterBar, TextFilter } from "../components/tables/filter-bar.tsx";
import { PageHeader } from "../components/frame/page-header.tsx";
import { JobPicker } from "../job/job-picker.tsx";
import { type SchedulesSearch } from "../search/schedules-search.ts";

/** View, day, zone and job are in the address. */
export function Schedules(): ReactElement {
  const search = useSearch({ from: "/schedules" });
  const navigate = useNavigate({ from: "/schedules" });
  const change = (part: Partial<SchedulesSearch>): void => {
    void navigate({ search: { ...search, ...part } });
  };
  const { view, job } = search;
  return (
    <div className="screen">
      <PageHeader title="Schedules" actions={<ViewSwitch view={view} onChange={change} />} />
      <FilterBar label="Schedules" isFiltered={job !== undefined} onClear={() => change({ job: undefined })}>
        {view === undefined ? (
          <TextFilter
            label="Job"
            value={job ?? ""}
            isMain
            onChange={(text) => change({ job: text === "" ? undefined : text })}
          />
        ) : (
          <JobPicker value={job} onChange={(name) => change({ job: name })} />
        )}
      </FilterBar>
      {view === undefined ? (
        <ScheduleList filter={job} />
      ) : (
        <CalendarPanel search={{ ...search, view }} onChange={change} />
      )}
    </div>
  );
}

interface ViewSwitchProps {
  readonly view: SchedulesSearch["view"];
  readonly onChange: (change: Partial<SchedulesSearch>) => void;
}

function ViewSwitch({ view, onChange }: ViewSwitchProps): ReactElement {
  return (
    <div className="segments" role="group" aria-label="View">
      <button type="button" aria-pressed={view === undefined} onClick={() => onChange({ view: undefined })}>
        List
      </button>
      {calendarViews.map((name) => (
        <button key={name} type="button" aria-pressed={view === name} onClick={() => onChange({ view: name })}>
          {name.slice(0, 1).toUpperCase() + name.slice(1)}
        </button>
      ))}
    </div>
  );
}
