// Units of a run with their outcomes: slices that are tried again by themselves.
import type { ReactElement } from "react";
import "../../styles/panels.css";
import type { Unit } from "../../../api/run.ts";
import { DataTable } from "../../components/tables/data-table.tsx";
import type { Column } from "../../components/tables/table-props.ts";
import { EmptyState } from "../../components/tables/empty-state.tsx";
import { ErrorState } from "../../components/tables/error-state.tsx";
import { ChoiceFilter, FilterBar } from "../../components/tables/filter-bar.tsx";
import { MessageText } from "../../components/tables/message-text.tsx";
import { formatCount } from "../../components/values/format-quantity.ts";
import { Icon } from "../../components/values/icon.tsx";
import { Skeleton } from "../../components/frame/skeleton.tsx";
import { shortInstant } from "../../components/values/short-instant.ts";
import { Nothing } from "../../components/values/time.tsx";
import { useApiList } from "../../queries/use-api.ts";
import { useRunLive } from "../use-run.ts";
import { useRunSearch } from "../use-run-search.ts";

const columns: readonly Column<Unit>[] = [
  { header: "Unit", width: "minmax(160px, 1fr)", isTitle: true, cell: UnitName },
  {
    header: "Outcome",
    width: "120px",
    cell: ({ state }) => (
      <span className="state state-plain" data-tone={state === "done" ? "good" : "bad"}>
        <Icon name={state === "done" ? "check" : "cross"} size={14} />
        <span>{state === "done" ? "Done" : "Failed"}</span>
      </span>
    ),
  },
  {
    header: "Error",
    width: "minmax(0, 2fr)",
    cell: ({ error }) => (error === null ? <Nothing /> : <MessageText text={error} />),
  },
];

// Most runs have one loop, the one of their source or their first, so only others are named.
function UnitName({ loop, key }: Unit): ReactElement {
  return (
    <>
      {loop === null || loop === "1" || loop === sourceLoop ? null : (
        <span className="muted">{loop.replace(/^=|^/, "loop ")} · </span>
      )}
      <code title={key}>{shortInstant(key)}</code>
    </>
  );
}

/** What an `integrationJob` calls its units. */
const sourceLoop = "source";

export function UnitsTab(): ReactElement {
  const { runId, detail } = useRunLive();
  const { search, change } = useRunSearch();
  const state = search.state === "done" || search.state === "failed" ? search.state : undefined;
  const list = useApiList("listUnits", { params: { run_id: runId }, query: state === undefined ? {} : { state } });
  const filter = (next: "done" | "failed" | undefined): void => change({ state: next });
  const { done, failed } = detail.units;
  if (done + failed === 0 && list.items.length === 0 && !list.isPending && list.error === null && state === undefined) {
    return (
      <EmptyState title="This run has no units">
        A job that works through partitions, repositories or files can do each as a unit with <code>ctx.each()</code>:
        what is done is not done again by the next attempt.
      </EmptyState>
    );
  }
  return (
    <div className="section">
      <FilterBar label="Filter units" isFiltered={state !== undefined} onClear={() => filter(undefined)}>
        <ChoiceFilter
          label="Outcome"
          value={state ?? ""}
          anyLabel="Any outcome"
          options={[
            { value: "failed", label: "Failed" },
            { value: "done", label: "Done" },
          ]}
          onChange={filter}
        />
        <span className="muted number">
          {formatCount(done)} done ·{" "}
          {failed === 0 || state === "failed" ? (
            `${formatCount(failed)} failed`
          ) : (
            <button type="button" className="link-button" onClick={() => filter("failed")}>
              {formatCount(failed)} failed
            </button>
          )}
        </span>
      </FilterBar>
      {list.error !== null ? (
        <ErrorState error={list.error} retry={list.refetch} />
      ) : list.isPending ? (
        <Skeleton lines={6} label="Loading units" />
      ) : (
        <DataTable
          kind="list"
          label="Units of this run"
          columns={columns}
          rows={list.items}
          idOf={(unit) => `${unit.loop ?? ""} ${unit.key}`}
          hasMore={list.hasMore}
          isLoadingMore={list.isLoadingMore}
          onLoadMore={list.loadMore}
        />
      )}
    </div>
  );
}
