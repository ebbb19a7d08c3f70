// Messages with what became of them, the newest first; with what went wrong and what to do about it.
import { Link } from "@tanstack/react-router";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import type { NotificationView } from "../../api/notification.ts";
import { ActionButton } from "../components/actions/action-button.tsx";
import { DataTable } from "../components/tables/data-table.tsx";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { MessageText } from "../components/tables/message-text.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { DueTime, Nothing, RelativeTime } from "../components/values/time.tsx";
import { useRole } from "../queries/session.ts";
import { keyOf, useApiList } from "../queries/use-api.ts";
import type { NotificationsSearch } from "../search/notifications-search.ts";
import { retryAction } from "./notification-actions.ts";
import { NotificationState } from "./notification-state.tsx";

const columns: readonly Column<NotificationView>[] = [
  { header: "State", cell: ({ state }) => <NotificationState state={state} />, width: "120px" },
  { header: "What", cell: (row) => <What row={row} />, width: "minmax(200px, 2fr)", isTitle: true },
  { header: "Channel", cell: ({ channel }) => <span className="truncate">{channel}</span> },
  { header: "When", cell: ({ created_at: at }) => <RelativeTime at={at} />, width: "110px" },
  { header: "Problem", cell: (row) => <Problem row={row} />, width: "minmax(200px, 2fr)" },
  { header: "Actions", isHeaderHidden: true, cell: (row) => <Retry row={row} />, width: "130px" },
];

/** Loads more when its end is in sight. */
export function NotificationList({ search }: { readonly search: NotificationsSearch }): ReactElement {
  const { state, channel, job } = search;
  const list = useApiList(
    "listNotifications",
    {
      query: {
        limit: 100,
        ...(state === undefined ? {} : { state }),
        ...(channel === undefined ? {} : { channel }),
        ...(job === undefined ? {} : { job }),
      },
    },
    { refetchMs: 5_000 },
  );
  if (list.items.length === 0 && list.error !== null) return <ErrorState error={list.error} retry={list.refetch} />;
  if (list.items.length === 0 && list.isPending) return <Skeleton lines={8} label="Loading notifications" />;
  if (list.items.length === 0) {
    const isFiltered = state !== undefined || channel !== undefined || job !== undefined;
    return isFiltered ? (
      <EmptyState title="No message matches these filters" icon="filter" />
    ) : (
      <EmptyState title="Nobody was told of anything yet" icon="bell" commands={["millrace notifications channels"]}>
        Rules under <code>notifications</code> of <code>millrace.config.ts</code> and of a job say who is told of what.
      </EmptyState>
    );
  }
  return (
    <DataTable
      kind="list"
      label="Notifications"
      columns={columns}
      rows={list.items}
      idOf={({ id }) => String(id)}
      hasMore={list.hasMore}
      onLoadMore={list.loadMore}
      rowHeight={56}
    />
  );
}

function What({ row: { action, event, job_name: jobName, run_id: runId, message, count } }: RowProps): ReactElement {
  return (
    <span className="lines">
      {runId === null ? (
        <Link to="/jobs/$jobName" params={{ jobName }}>
          {jobName}
        </Link>
      ) : (
        <Link to="/runs/$runId" params={{ runId }}>
          {jobName} {runId}
        </Link>
      )}{" "}
      {action === "resolve" ? "alarm ended" : event}
      {count === 1 ? "" : ` and ${count - 1} more`}: <MessageText text={message} />
    </span>
  );
}

function Problem({ row: { problem, due_at: dueAt, attempts } }: RowProps): ReactElement {
  if (problem === null) return attempts === 0 && dueAt !== null ? <DueTime at={dueAt} /> : <Nothing />;
  return (
    <span>
      <MessageText text={problem.message} /> <span className="muted">{problem.code}</span>
      {problem.hint === null ? null : (
        <>
          {" · "}
          <MessageText text={problem.hint} />
        </>
      )}
    </span>
  );
}

function Retry({ row }: RowProps): ReactElement | null {
  const role = useRole();
  const client = useQueryClient();
  if (row.state !== "given_up") return null;
  const done = (): void => void client.invalidateQueries({ queryKey: keyOf("listNotifications") });
  return <ActionButton action={retryAction(row, role, done)} look="quiet" />;
}

interface RowProps {
  readonly row: NotificationView;
}
