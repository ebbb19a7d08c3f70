// The calendar of fires: month, week or day, past and to come, with changes of the clock. What it shows is in the address.
import { useQueries } from "@tanstack/react-query";
import { useMemo, type ReactElement } from "react";
import "./calendar.css";
import { type Calendar } from "../../api/schedule.ts";
import { parseTimeZone, type TimeZone } from "../../core/schedule/time-zone.ts";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { Icon } from "../components/values/icon.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { useServerNow } from "../queries/server-clock.ts";
import { readerZone } from "../components/frame/reader-zone.ts";
import { apiQuery } from "../queries/use-api.ts";
import { type SchedulesSearch } from "../search/schedules-search.ts";
import { dateAt, daysOfView, queryRanges, shiftDate } from "./calendar-days.ts";
import type { CalendarView } from "../search/schedules-search.ts";
import { DayHours } from "./day-hours.tsx";
import { DstLegend } from "./dst-legend.tsx";
import { formatDay, MonthGrid } from "./month-grid.tsx";
import { placeFires, type PlacedDay } from "./place-fires.ts";

export interface CalendarPanelProps {
  readonly search: SchedulesSearch & { readonly view: CalendarView };
  readonly onChange: (change: Partial<SchedulesSearch>) => void;
}

/** Asks the server for the days in sight only. */
export function CalendarPanel({ search, onChange }: CalendarPanelProps): ReactElement {
  const nowMs = useServerNow();
  const zone = useMemo(() => zoneOf(search), [search]);
  const today = dateAt(nowMs, zone);
  const date = search.at ?? today;
  const { view, job } = search;
  const days = useMemo(() => daysOfView(view, date, zone), [view, date, zone]);
  const answers = useQueries({
    queries: queryRanges(days).map((range) =>
      apiQuery("showCalendar", { query: { ...range, ...(job === undefined ? {} : { job }) } }),
    ),
  });
  const failed = answers.find((answer) => answer.error !== null);
  const calendars = answers.flatMap((answer) => answer.data ?? []);
  return (
    <section className="calendar-panel" aria-label="Calendar">
      <CalendarToolbar {...{ view, date, today, zone, search, onChange }} />
      {failed === undefined ? (
        calendars.length < answers.length ? (
          <Skeleton lines={12} label="Loading the calendar" />
        ) : (
          <CalendarDays {...{ view, zone, nowMs, today, calendars, onChange }} days={placeFires(days, calendars)} />
        )
      ) : (
        <ErrorState error={failed.error} retry={() => answers.forEach((answer) => void answer.refetch())} />
      )}
    </section>
  );
}

interface CalendarDaysProps {
  readonly view: CalendarView;
  readonly zone: TimeZone;
  readonly nowMs: number;
  readonly today: string;
  readonly calendars: readonly Calendar[];
  readonly days: readonly PlacedDay[];
  readonly onChange: CalendarPanelProps["onChange"];
}

function CalendarDays({ view, zone, nowMs, today, calendars, days, onChange }: CalendarDaysProps): ReactElement {
  const openDay = (at: string): void => onChange({ view: "day", at });
  const [day] = days;
  const isEmpty = days.every(({ fires }) => fires.length === 0);
  return (
    <>
      {calendars.some((calendar) => calendar.truncated) ? (
        <p className="notice" role="note">
          <Icon name="warning" /> More than 5,000 fires: the rest is left out. Choose a job, or a shorter range.
        </p>
      ) : null}
      {isEmpty ? (
        <EmptyState title="Nothing fires in this range" icon="calendar" commands={["millrace schedules"]}>
          A job fires when its definition has a <code>schedule</code> that is not paused. What waits for datasets or
          files is here only when it has fired.
        </EmptyState>
      ) : null}
      {view === "day" ? (
        day === undefined || isEmpty ? null : (
          <DayHours day={day} zone={zone} nowMs={nowMs} />
        )
      ) : (
        <MonthGrid days={days} zone={zone} today={today} maxJobs={view === "month" ? 4 : 14} onOpenDay={openDay} />
      )}
      <DstLegend days={days} />
    </>
  );
}

interface CalendarToolbarProps extends CalendarPanelProps {
  readonly view: CalendarView;
  readonly date: string;
  readonly today: string;
  readonly zone: TimeZone;
}

function CalendarToolbar({ view, date, today, zone, search, onChange }: CalendarToolbarProps): ReactElement {
  return (
    <div className="calendar-toolbar">
      <div className="segments" role="group" aria-label="Move">
        <button type="button" aria-label={`${view} before`} onClick={() => onChange({ at: shiftDate(view, date, -1) })}>
          <span className="flip">
            <Icon name="chevron" />
          </span>
        </button>
        <button type="button" onClick={() => onChange({ at: undefined })} aria-pressed={date === today}>
          Today
        </button>
        <button type="button" aria-label={`next ${view}`} onClick={() => onChange({ at: shiftDate(view, date, 1) })}>
          <Icon name="chevron" />
        </button>
      </div>
      <h2 className="calendar-title" aria-live="polite">
        {titleOf(view, date)}
      </h2>
      <div className="segments" role="group" aria-label="Zone of the days">
        <button type="button" aria-pressed={search.utc !== true} onClick={() => onChange({ utc: undefined })}>
          {search.utc === true ? readerZone() : zone.name}
        </button>
        <button type="button" aria-pressed={search.utc === true} onClick={() => onChange({ utc: true })}>
          UTC
        </button>
      </div>
    </div>
  );
}

function titleOf(view: CalendarView, date: string): string {
  if (view === "day") return formatDay(date);
  const month = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
  const text = month.format(new Date(`${date}T00:00:00Z`));
  return view === "month"
    ? text
    : `Week of ${formatDay(daysOfView("week", date, parseTimeZone("UTC"))[0]?.date ?? date)}`;
}

function zoneOf({ utc }: SchedulesSearch): TimeZone {
  return parseTimeZone(utc === true ? "UTC" : readerZone());
}
