// The audit log, newest first: who asked for what, and whether the chain of hashes of what is shown holds.
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { type AuditEntry, type AuditPage } from "../../api/session.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { FilterBar, TextFilter } from "../components/tables/filter-bar.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { Icon, type IconName } from "../components/values/icon.tsx";
import { JsonView } from "../components/values/json-view.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { type Tone } from "../components/values/state-appearance.ts";
import { Instant } from "../components/values/time.tsx";
import { call } from "../queries/api-client.ts";
import type { MillraceError } from "../../core/errors/errors.ts";
import { type SettingsSearch } from "../search/settings-search.ts";

export interface AuditLogProps {
  readonly search: SettingsSearch;
  readonly onChange: (change: Partial<SettingsSearch>) => void;
}

/** Its filters are the server's. */
export function AuditLog({ search, onChange }: AuditLogProps): ReactElement {
  const { actor, action } = search;
  const isFiltered = actor !== undefined || action !== undefined;
  const filters = { ...(actor === undefined ? {} : { actor }), ...(action === undefined ? {} : { action }) };
  const log = useInfiniteQuery<AuditPage, MillraceError, { pages: AuditPage[] }, readonly unknown[], string | null>({
    queryKey: ["listAudit", filters, "pages"],
    queryFn: ({ pageParam, signal }) =>
      call("listAudit", {
        query: { ...filters, limit: 100, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null,
    getNextPageParam: (page) => page.next_cursor,
  });
  const pages = log.data?.pages ?? [];
  const entries = pages.flatMap((page) => page.items);
  return (
    <div className="settings-panel">
      <FilterBar
        label="Audit log"
        isFiltered={isFiltered}
        onClear={() => onChange({ actor: undefined, action: undefined })}
      >
        <TextFilter
          label="Who"
          value={actor ?? ""}
          isMain
          onChange={(text) => onChange({ actor: text || undefined })}
        />
        <TextFilter label="Action" value={action ?? ""} onChange={(text) => onChange({ action: text || undefined })} />
      </FilterBar>
      {log.error !== null && pages.length === 0 ? (
        <ErrorState error={log.error} retry={() => void log.refetch()} />
      ) : log.isPending ? (
        <Skeleton lines={8} label="Loading the audit log" />
      ) : entries.length === 0 ? (
        <EmptyState title={isFiltered ? "No entry matches these filters" : "Nothing was changed yet"} icon="runs">
          Every call that changes something leaves an entry here, also one that was refused.
        </EmptyState>
      ) : (
        <>
          <ChainState isIntact={pages.every((page) => page.chain === "intact")} count={entries.length} />
          <DataTable
            label="Entries of the audit log"
            columns={columns}
            rows={entries}
            idOf={({ seq }) => String(seq)}
            hasMore={log.hasNextPage}
            isLoadingMore={log.isFetchingNextPage}
            onLoadMore={() => void log.fetchNextPage()}
          />
        </>
      )}
    </div>
  );
}

function ChainState({ isIntact, count }: { readonly isIntact: boolean; readonly count: number }): ReactElement {
  return (
    <p className="state state-soft chain" data-tone={isIntact ? "good" : "bad"} role="status">
      <Icon name={isIntact ? "check" : "warning"} size={14} />
      {isIntact
        ? `The chain of hashes holds over these ${count} entries`
        : "The chain of hashes is broken: an entry was changed or taken out"}
    </p>
  );
}

const looks: Readonly<Record<AuditEntry["outcome"], { readonly icon: IconName; readonly tone: Tone }>> = {
  allowed: { icon: "check", tone: "good" },
  denied: { icon: "slash", tone: "warn" },
  failed: { icon: "cross", tone: "bad" },
};

const columns: readonly Column<AuditEntry>[] = [
  { header: "When", cell: ({ at }) => <Instant at={at} /> },
  { header: "Who", cell: ({ actor }) => actor },
  { header: "Action", cell: ({ action }) => <code>{action}</code> },
  { header: "On", cell: ({ target }) => target },
  {
    header: "Outcome",
    cell: ({ outcome }) => (
      <span className="state state-plain" data-tone={looks[outcome].tone}>
        <Icon name={looks[outcome].icon} size={14} /> {outcome}
      </span>
    ),
  },
  {
    header: "Detail",
    cell: ({ detail }) => (detail === null ? null : <JsonView value={detail} openLevels={0} />),
  },
  {
    header: "Hash",
    cell: ({ hash }) => (
      <code className="muted" title={hash}>
        {hash.slice(0, 8)}
      </code>
    ),
  },
];
