// The channels of the project and of its jobs, each with a button that tries it.
import type { ReactElement } from "react";
import type { ChannelView } from "../../api/notification.ts";
import { ActionButton } from "../components/actions/action-button.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { DataTable } from "../components/tables/data-table.tsx";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { useRole } from "../queries/session.ts";
import { useApi } from "../queries/use-api.ts";
import { testAction } from "./notification-actions.ts";

const columns: readonly Column<ChannelView>[] = [
  { header: "Channel", cell: ({ channel }) => channel, isTitle: true },
  { header: "Kind", cell: ({ kind }) => kind },
  { header: "Leads to", cell: ({ address }) => address },
  { header: "Actions", isHeaderHidden: true, cell: (channel) => <Test channel={channel} /> },
];

export function ChannelTable(): ReactElement {
  const { data, error, refetch } = useApi("listChannels", {}, { refetchMs: 30_000 });
  if (error !== null && data === undefined) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={3} label="Loading channels" />;
  if (data.items.length === 0) {
    return (
      <EmptyState title="There is no channel" icon="bell" commands={["millrace doctor"]}>
        Declare one under <code>channels</code> of <code>millrace.config.ts</code>.
      </EmptyState>
    );
  }
  return <DataTable label="Channels" columns={columns} rows={data.items} idOf={({ channel }) => channel} />;
}

function Test({ channel }: { readonly channel: ChannelView }): ReactElement {
  return <ActionButton action={testAction(channel, useRole())} />;
}
