// Units of a job: how far each was read, by which run, and what it failed with since. There may be thousands, so what is behind
// comes first, under a summary of all.
import type { ReactElement } from "react";
import { useState } from "react";
import type { JobUnit, UnitPage, UnitsQuery } from "../../api/state.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { ChoiceFilter, FilterBar, TextFilter } from "../components/tables/filter-bar.tsx";
import { MessageText } from "../components/tables/message-text.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { formatCount } from "../components/values/format-quantity.ts";
import { Icon } from "../components/values/icon.tsx";
import { RunLink } from "../components/values/run-link.tsx";
import { RelativeTime } from "../components/values/time.tsx";
import { useApi, useApiList } from "../queries/use-api.ts";
import { shortInstant } from "../components/values/short-instant.ts";

export interface UnitSectionProps {
  readonly jobName: string;
  /** Shows the watermarks of a unit. */
  readonly onOpen: (unit: JobUnit) => void;
}

/** Nothing for a job whose source is one unit without parts: its watermark says it all. */
export function UnitSection({ jobName, onOpen }: UnitSectionProps): ReactElement | null {
  const [query, setQuery] = useState<Pick<UnitsQuery, "q" | "state">>({});
  const first = useApi("listJobUnits", { params: { job_name: jobName }, query: { limit: 1 } });
  const [unit] = first.data?.items ?? [];
  if (first.data === undefined || unit === undefined) return null;
  if (unit.key === "" && unit.ranges.length === 0 && unit.error === null) return null;
  const { summary } = first.data;
  return (
    <section className="state-section" aria-labelledby="units-title">
      <h2 id="units-title">Units</h2>
      <Summary summary={summary} />
      {summary.units > 1 ? <UnitFilters query={query} onChange={setQuery} /> : null}
      <UnitTable jobName={jobName} query={query} onOpen={onOpen} />
    </section>
  );
}

function Summary({ summary }: { readonly summary: UnitPage["summary"] }): ReactElement {
  const { units, failed, behind, read_to: readTo, furthest } = summary;
  return (
    <p className="unit-summary">
      <span>
        <strong className="number">{formatCount(units)}</strong> {units === 1 ? "unit" : "units"}
      </span>
      <span className="state state-plain" data-tone={failed === 0 ? "good" : "bad"}>
        <Icon name={failed === 0 ? "check" : "cross"} size={14} /> {failed === 0 ? "none" : formatCount(failed)} failed
      </span>
      <span className="state state-plain" data-tone={behind === 0 ? "good" : "warn"}>
        <Icon name={behind === 0 ? "check" : "clock"} size={14} /> {behind === 0 ? "none" : formatCount(behind)} behind
      </span>
      {readTo === null || furthest === null ? null : (
        <span className="muted">
          {readTo === furthest ? (
            <>read to {shortInstant(furthest)}</>
          ) : (
            <>
              read to {shortInstant(readTo)} at least, to {shortInstant(furthest)} at most
            </>
          )}
        </span>
      )}
    </p>
  );
}

interface UnitFiltersProps {
  readonly query: Pick<UnitsQuery, "q" | "state">;
  readonly onChange: (query: Pick<UnitsQuery, "q" | "state">) => void;
}

function UnitFilters({ query: { q, state }, onChange }: UnitFiltersProps): ReactElement {
  return (
    <FilterBar label="Filter units" isFiltered={q !== undefined || state !== undefined} onClear={() => onChange({})}>
      <TextFilter
        label="Unit"
        value={q ?? ""}
        isMain
        onChange={(text) =>
          onChange({ ...(text === "" ? {} : { q: text }), ...(state === undefined ? {} : { state }) })
        }
      />
      <ChoiceFilter
        label="State"
        value={state ?? ""}
        anyLabel="All units"
        options={[
          { value: "failed", label: "Failed" },
          { value: "behind", label: "Behind" },
        ]}
        onChange={(next) =>
          onChange({ ...(q === undefined ? {} : { q }), ...(next === undefined ? {} : { state: next }) })
        }
      />
    </FilterBar>
  );
}

interface UnitTableProps extends UnitSectionProps {
  readonly query: Pick<UnitsQuery, "q" | "state">;
}

function UnitTable({ jobName, query, onOpen }: UnitTableProps): ReactElement {
  const list = useApiList("listJobUnits", { params: { job_name: jobName }, query: { ...query, limit: 100 } });
  if (list.error !== null) return <ErrorState error={list.error} retry={list.refetch} />;
  return (
    <DataTable
      kind="list"
      label="Units"
      columns={columns}
      rows={list.items}
      idOf={({ tenant, key }) => `${tenant} ${key}`}
      onOpen={onOpen}
      hasMore={list.hasMore}
      isLoadingMore={list.isLoadingMore}
      onLoadMore={list.loadMore}
      {...(list.isPending ? {} : { empty: <EmptyState title="No unit fits these filters" icon="search" /> })}
    />
  );
}

/** A hole between two ranges was not read. */
const columns: readonly Column<JobUnit>[] = [
  { header: "Unit", isTitle: true, width: "minmax(120px, 1fr)", cell: UnitName },
  {
    header: "Read",
    width: "minmax(0, 1.4fr)",
    cell: (unit) => (
      <span title={describeRanges(unit, Infinity, exactly)}>{describeRanges(unit, 2, shortInstant)}</span>
    ),
  },
  { header: "Last run", width: "minmax(130px, 0.7fr)", cell: LastRun },
  { header: "State", width: "minmax(0, 1.6fr)", cell: UnitState },
];

function UnitName({ key }: JobUnit): ReactElement {
  return key === "" ? <span className="muted">the source</span> : <code>{key}</code>;
}

function LastRun({ last_run_id: runId, last_read_at: at, error }: JobUnit): ReactElement {
  const shown = error?.run_id ?? runId;
  const shownAt = error?.at ?? at;
  return (
    <span>
      {shown === null ? null : <RunLink runId={shown} />}{" "}
      {shownAt === null ? null : (
        <span className="muted">
          <RelativeTime at={shownAt} />
        </span>
      )}
    </span>
  );
}

function UnitState({ error, ranges, is_behind: isBehind }: JobUnit): ReactElement {
  if (error !== null) {
    return (
      <span className="state state-plain" data-tone="bad" title={error.message}>
        <Icon name="cross" size={14} />
        <span className="unit-error">
          {error.from === null ? "" : `${shortInstant(error.from)}: `}
          <MessageText text={error.message} />
        </span>
      </span>
    );
  }
  const word = !isBehind ? "up to date" : ranges.length > 1 ? "has a hole" : "behind";
  return (
    <span className="state state-plain" data-tone={isBehind ? "warn" : "good"}>
      <Icon name={isBehind ? "clock" : "check"} size={14} /> {word}
    </span>
  );
}

function exactly(instant: string): string {
  return instant;
}

function describeRanges({ ranges, value }: JobUnit, most: number, tell: (instant: string) => string): string {
  if (ranges.length === 0) return value === null ? "nothing" : `up to ${tell(String(value))}`;
  const shown = ranges.slice(-most).map(({ from, to }) => `${tell(from)} – ${tell(to)}`);
  const hidden = ranges.length - shown.length;
  return [...(hidden > 0 ? [`${hidden} more`] : []), ...shown].join(", ");
}
