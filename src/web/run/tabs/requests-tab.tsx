// What a run asked of services: each request with its answer, added to while the run executes.
import type { ReactElement } from "react";
import type { RequestTotals, ServiceRequestRecord } from "../../../api/request.ts";
import { Skeleton } from "../../components/frame/skeleton.tsx";
import { DataTable } from "../../components/tables/data-table.tsx";
import { EmptyState } from "../../components/tables/empty-state.tsx";
import { ErrorState } from "../../components/tables/error-state.tsx";
import { ChoiceFilter, FilterBar } from "../../components/tables/filter-bar.tsx";
import type { Column } from "../../components/tables/table-props.ts";
import { formatBytes, formatCount } from "../../components/values/format-quantity.ts";
import { requestColumns } from "../../components/values/request-columns.tsx";
import { shortInstant } from "../../components/values/short-instant.ts";
import { Nothing } from "../../components/values/time.tsx";
import { useApiList } from "../../queries/use-api.ts";
import { requestsRefreshMs, useRequestTotals } from "../use-request-totals.ts";
import { useLiveRun, useRunLive } from "../use-run.ts";
import { useRunSearch } from "../use-run-search.ts";

const { started, address, answer, took, bytes } = requestColumns;

const columns: readonly Column<ServiceRequestRecord>[] = [
  { header: "No.", width: "48px", align: "end", cell: ({ seq }) => <span className="number">{formatCount(seq)}</span> },
  started,
  address,
  answer,
  took,
  bytes,
  { header: "Unit", width: "minmax(110px, 2fr)", cell: Unit },
  { header: "Connection", width: "88px", cell: ({ connection }) => connection ?? <Nothing /> },
];

export function RequestsTab(): ReactElement {
  const live = useRunLive();
  const { runId, detail, store } = live;
  const { search, change } = useRunSearch();
  const isFailedOnly = search.state === "failed";
  const isExecuting = (useLiveRun(store, runId)?.state ?? detail.state) === "RUNNING";
  const totals = useRequestTotals(live);
  const list = useApiList(
    "listRunRequests",
    { params: { run_id: runId }, query: isFailedOnly ? { failed: true } : {} },
    isExecuting ? { refetchMs: requestsRefreshMs } : {},
  );
  const filter = (next: "failed" | undefined): void => change({ state: next });
  return (
    <div className="section">
      <FilterBar label="Filter requests" isFiltered={isFailedOnly} onClear={() => filter(undefined)}>
        <ChoiceFilter
          label="Answer"
          value={isFailedOnly ? "failed" : ""}
          anyLabel="Any answer"
          options={[{ value: "failed", label: "Failed" }]}
          onChange={filter}
        />
        <Totals totals={totals} />
      </FilterBar>
      {list.error !== null ? (
        <ErrorState error={list.error} retry={list.refetch} />
      ) : list.isPending ? (
        <Skeleton lines={6} label="Loading requests" />
      ) : (
        <DataTable
          kind="list"
          label="Requests of this run"
          columns={columns}
          rows={list.items}
          idOf={({ seq }) => String(seq)}
          hasMore={list.hasMore}
          isLoadingMore={list.isLoadingMore}
          onLoadMore={list.loadMore}
          empty={<EmptyState title="No request failed">Each got the answer that was asked for.</EmptyState>}
        />
      )}
    </div>
  );
}

function Totals({
  totals: { requests, failed, received_bytes: received, kept },
}: {
  readonly totals: RequestTotals;
}): ReactElement {
  return (
    <span className="muted">
      {formatCount(requests)} requests · {formatCount(failed)} failed · {formatBytes(received)}
      {kept < requests ? ` · ${formatCount(kept)} of them kept` : ""}
    </span>
  );
}

function Unit({ unit, page }: ServiceRequestRecord): ReactElement {
  if (unit === null && page === null) return <Nothing />;
  return (
    <span>
      {unit === null ? null : <code title={unit}>{shortInstant(unit)}</code>}
      {page === null ? null : <span className="muted"> page {page}</span>}
    </span>
  );
}
