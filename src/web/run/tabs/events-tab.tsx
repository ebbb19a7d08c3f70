// The history of a run: every entry in its order, added to as it happens.
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import type { JsonValue, Page } from "../../../api/page.ts";
import type { RunEventRecord } from "../../../api/run.ts";
import { DataTable } from "../../components/tables/data-table.tsx";
import type { Column } from "../../components/tables/table-props.ts";
import { EmptyState } from "../../components/tables/empty-state.tsx";
import { ErrorState } from "../../components/tables/error-state.tsx";
import { Skeleton } from "../../components/frame/skeleton.tsx";
import { Instant } from "../../components/values/time.tsx";
import { call } from "../../queries/api-client.ts";
import type { MillraceError } from "../../../core/errors/errors.ts";
import { keyOf } from "../../queries/use-api.ts";
import { useRunLive } from "../use-run.ts";

const columns: readonly Column<RunEventRecord>[] = [
  { header: "No.", width: "56px", align: "end", cell: ({ seq }) => <span className="number">{seq}</span> },
  { header: "Time", width: "150px", cell: ({ at }) => <Instant at={at} /> },
  {
    header: "Event",
    width: "180px",
    isTitle: true,
    cell: ({ type }) => <strong>{type.replaceAll("_", " ")}</strong>,
  },
  { header: "Details", width: "minmax(0, 1fr)", cell: ({ data }) => <EventData data={data} /> },
];

export function EventsTab(): ReactElement {
  const { runId } = useRunLive();
  const params = { run_id: runId };
  const list = useInfiniteQuery<
    Page<RunEventRecord>,
    MillraceError,
    { pages: Page<RunEventRecord>[] },
    readonly unknown[],
    number
  >({
    queryKey: [...keyOf("listRunEvents", { params }), "pages"],
    queryFn: ({ pageParam, signal }) => call("listRunEvents", { params, query: { after: pageParam }, signal }),
    initialPageParam: 0,
    getNextPageParam: ({ items, next_cursor: next }) => (next === null ? null : (items.at(-1)?.seq ?? null)),
  });
  if (list.error !== null) return <ErrorState error={list.error} retry={() => void list.refetch()} />;
  if (list.data === undefined) return <Skeleton lines={6} label="Loading events" />;
  const events = list.data.pages.flatMap(({ items }) => items);
  return (
    <DataTable
      kind="list"
      label="Events of this run"
      columns={columns}
      rows={events}
      idOf={({ seq }) => String(seq)}
      hasMore={list.hasNextPage}
      isLoadingMore={list.isFetchingNextPage}
      onLoadMore={() => void list.fetchNextPage()}
      empty={
        <EmptyState title="Its history was cleared away">Events are kept as long as the retention says.</EmptyState>
      }
    />
  );
}

const maxCharacters = 300;

/** Short data as `name value` pairs; what is longer can be opened. */
function EventData({ data }: { readonly data: JsonValue }): ReactElement | null {
  if (data === null) return null;
  const text = JSON.stringify(data);
  if (typeof data !== "object" || Array.isArray(data)) return <code>{text.slice(0, maxCharacters)}</code>;
  const isFlat =
    text.length <= maxCharacters && Object.values(data).every((value) => typeof value !== "object" || value === null);
  if (!isFlat) {
    return (
      <details className="event-data">
        <summary>
          <code>{text.slice(0, 80)}…</code>
        </summary>
        <pre>{JSON.stringify(data, null, 2)}</pre>
      </details>
    );
  }
  return (
    <span className="event-pairs">
      {Object.entries(data).map(([name, value]) => (
        <span key={name}>
          <span className="muted">{name}</span> {typeof value === "string" ? value : JSON.stringify(value)}
        </span>
      ))}
    </span>
  );
}
