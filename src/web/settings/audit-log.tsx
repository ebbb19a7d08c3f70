// The audit log, newest first: who asked for what, and whether the chain of hashes of what is shown holds.
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { type AuditEntry, type AuditPage } from "../../api/session.ts";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { FilterBar, TextFilter } from "../components/tables/filter-bar.tsx";
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
          <EntryTable entries={entries} />
          {log.hasNextPage ? (
            <button
              type="button"
              className="button"
              aria-disabled={log.isFetchingNextPage}
              onClick={() => (log.isFetchingNextPage ? undefined : void log.fetchNextPage())}
            >
              {log.isFetchingNextPage ? "Loading more…" : "Load more"}
            </button>
          ) : null}
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

function EntryTable({ entries }: { readonly entries: readonly AuditEntry[] }): ReactElement {
  return (
    <div className="scroll-x" role="region" aria-label="Entries of the audit log" tabIndex={0}>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">Action</th>
            <th scope="col">On</th>
            <th scope="col">Outcome</th>
            <th scope="col">Detail</th>
            <th scope="col">Hash</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.seq}>
              <td>
                <Instant at={entry.at} />
              </td>
              <td>{entry.actor}</td>
              <td>
                <code>{entry.action}</code>
              </td>
              <td>{entry.target}</td>
              <td>
                <span className="state state-plain" data-tone={looks[entry.outcome].tone}>
                  <Icon name={looks[entry.outcome].icon} size={14} /> {entry.outcome}
                </span>
              </td>
              <td>{entry.detail === null ? null : <JsonView value={entry.detail} openLevels={0} />}</td>
              <td>
                <code className="muted" title={entry.hash}>
                  {entry.hash.slice(0, 8)}
                </code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
