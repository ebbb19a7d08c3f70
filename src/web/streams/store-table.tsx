// Copies of local stores: whether each may be asked, how old what it knows is, and its last snapshot.
import type { ReactElement } from "react";
import type { StoreCopyView } from "../../api/streams/store.ts";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { DataTable } from "../components/tables/data-table.tsx";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { formatBytes } from "../components/values/format-quantity.ts";
import { RunLink } from "../components/values/run-link.tsx";
import type { StateAppearance } from "../components/values/state-appearance.ts";
import { Duration, Nothing, RelativeTime } from "../components/values/time.tsx";
import { useApi } from "../queries/use-api.ts";
import { Lag } from "./lag.tsx";
import { StateWithError } from "./state-with-error.tsx";

export function StoreTable(): ReactElement {
  const { data, error, refetch } = useApi("listStores", {}, { refetchMs: 5_000 });
  if (error !== null && data === undefined) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={6} label="Loading stores" />;
  return (
    <DataTable
      kind="list"
      label="Stores"
      columns={columns}
      rows={data.items}
      idOf={({ store, run_id: runId }) => `${store} ${runId}`}
      rowHeight={44}
      empty={
        <EmptyState title="No store is on this machine" icon="database">
          A <code>defineStore</code> that a job names in <code>stores</code> is built where the job works, and is shown
          by the server of that machine.
        </EmptyState>
      }
    />
  );
}

const appearances: Readonly<Record<StoreCopyView["state"], StateAppearance>> = {
  building: { label: "Building", icon: "clock", tone: "waiting" },
  serving: { label: "Serving", icon: "check", tone: "good" },
  failed: { label: "Failed", icon: "cross", tone: "bad" },
  closed: { label: "Closed", icon: "skip", tone: "neutral" },
};

const columns: readonly Column<StoreCopyView>[] = [
  { header: "Store", isTitle: true, cell: ({ store }) => store },
  { header: "Run", width: "88px", cell: ({ run_id: runId }) => <RunLink runId={runId} /> },
  { header: "State", cell: ({ state, error }) => <StateWithError look={appearances[state]} error={error} /> },
  { header: "As of", width: "104px", cell: ({ as_of: at }) => <RelativeTime at={at} /> },
  { header: "Behind", width: "96px", cell: ({ behind_ms: ms }) => <Duration ms={ms} /> },
  { header: "Lag", width: "112px", cell: ({ lag }) => <Lag records={lag} /> },
  {
    header: "Size",
    width: "88px",
    cell: ({ bytes }) => (bytes === 0 ? <Nothing /> : <span className="number">{formatBytes(bytes)}</span>),
  },
  { header: "Snapshot", width: "104px", cell: ({ snapshot_at: at }) => <RelativeTime at={at} /> },
];
