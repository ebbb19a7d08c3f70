// The screen of collection health: whether all that jobs read from services is there, and how new it is.
import "../styles/panels.css";
import "../collection/collection.css";
import { getRouteApi } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Collection } from "../../api/collection.ts";
import { CollectionGroupCard } from "../collection/collection-group.tsx";
import { ConnectionStrip, useAnyHeldUp } from "../collection/connection-strip.tsx";
import { groupJobs } from "../collection/group-jobs.ts";
import { PageHeader } from "../components/frame/page-header.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { FilterBar, TextFilter, ToggleFilter } from "../components/tables/filter-bar.tsx";
import { useApi } from "../queries/use-api.ts";

const route = getRouteApi("/collection");

/** What needs a look comes first. */
export function CollectionScreen(): ReactElement {
  const { data, error, refetch } = useApi("listCollection", {}, { refetchMs: 15_000 });
  return (
    <div className="screen">
      <PageHeader title="Collection health" />
      {error !== null && data === undefined ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton lines={8} label="Loading what is collected" />
      ) : data.items.length === 0 ? (
        <EmptyState title="No job collects yet" icon="inbox" commands={["millrace jobs"]}>
          Jobs that use a connection, or read a source in units such as repositories or days, are listed here with what
          is missing of each.
        </EmptyState>
      ) : (
        <Groups collection={data} />
      )}
    </div>
  );
}

function Groups({ collection }: { readonly collection: Collection }): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { q, trouble, open } = search;
  const change = (next: Partial<typeof search>): void =>
    void navigate({ search: { ...search, ...next }, replace: true });
  const strip = <ConnectionStrip connections={collection.connections} />;
  const isHeldUp = useAnyHeldUp(collection.connections);
  const groups = groupJobs(collection.items, { q, trouble });
  return (
    <>
      <FilterBar
        label="Filter jobs"
        isFiltered={q !== undefined || trouble !== undefined}
        onClear={() => change({ q: undefined, trouble: undefined })}
      >
        <TextFilter
          label="Job or pipeline"
          value={q ?? ""}
          isMain
          onChange={(text) => change({ q: text || undefined })}
        />
        <ToggleFilter
          label="What is listed"
          values={trouble === true ? ["trouble"] : []}
          options={[{ value: "trouble", label: "Needs a look" }]}
          onChange={(values) => change({ trouble: values.length > 0 ? true : undefined })}
        />
      </FilterBar>
      {isHeldUp ? strip : null}
      {groups.length === 0 ? <EmptyState title="No job fits these filters" icon="search" /> : null}
      {groups.map((group) => (
        <CollectionGroupCard
          key={group.pipeline ?? ""}
          group={group}
          open={open}
          onToggle={(job) => change({ open: job === open ? undefined : job })}
        />
      ))}
      {collection.truncated ? <p className="muted">The first 200 jobs by name are listed.</p> : null}
      {isHeldUp ? null : strip}
    </>
  );
}
