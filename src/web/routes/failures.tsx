// The failures inbox: what is still failed, as clusters of the same error, to retry or to look into.
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import "../styles/panels.css";
import type { ReactElement } from "react";
import "../failures/failures.css";
import { ChoiceFilter, FilterBar, TextFilter } from "../components/tables/filter-bar.tsx";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { PageHeader } from "../components/frame/page-header.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { ClusterCard } from "../failures/cluster-card.tsx";
import { useTopic } from "../queries/live.ts";
import { useServerNow } from "../queries/server-clock.ts";
import { keyOf, useApi } from "../queries/use-api.ts";
import { sinceOf, type FailureAge, type FailuresSearch } from "../search/failures-search.ts";

const ages: readonly { readonly value: FailureAge; readonly label: string }[] = [
  { value: "1h", label: "Last hour" },
  { value: "24h", label: "Last 24 hours" },
  { value: "7d", label: "Last 7 days" },
  { value: "30d", label: "Last 30 days" },
];

/** Its filters and the open cluster are in the address. */
export function Failures(): ReactElement {
  const search = useSearch({ from: "/failures" });
  const navigate = useNavigate({ from: "/failures" });
  const change = (part: Partial<FailuresSearch>): void => void navigate({ search: { ...search, ...part } });
  const { job, age, q, open } = search;
  const isFiltered = job !== undefined || age !== undefined || q !== undefined;
  return (
    <div className="screen">
      <PageHeader title="Failures" />
      <FilterBar
        label="Failures"
        isFiltered={isFiltered}
        onClear={() => change({ job: undefined, age: undefined, q: undefined })}
      >
        <TextFilter label="Error text" value={q ?? ""} isMain onChange={(text) => change({ q: text || undefined })} />
        <TextFilter label="Job" value={job ?? ""} onChange={(text) => change({ job: text || undefined })} />
        <ChoiceFilter
          label="Age"
          value={age ?? ""}
          options={ages}
          anyLabel="Any time"
          onChange={(value) => change({ age: value })}
        />
      </FilterBar>
      <Clusters
        search={search}
        isFiltered={isFiltered}
        onToggle={(id) => change({ open: open === id ? undefined : id })}
      />
    </div>
  );
}

interface ClustersProps {
  readonly search: FailuresSearch;
  readonly isFiltered: boolean;
  readonly onToggle: (id: string) => void;
}

function Clusters({ search, isFiltered, onToggle }: ClustersProps): ReactElement {
  const { job, age, q, open } = search;
  const since = sinceOf(age, useServerNow());
  const client = useQueryClient();
  const query = {
    ...(job === undefined ? {} : { job }),
    ...(q === undefined ? {} : { q }),
    ...(since === undefined ? {} : { since }),
  };
  const { data, error, refetch } = useApi("listFailures", { query }, { keepPrevious: true, refetchMs: 30_000 });
  useTopic("runs", (messages) => {
    const concerns = messages.some(({ type }) => type === "job_error" || type === "resync");
    if (concerns) void client.invalidateQueries({ queryKey: keyOf("listFailures") });
  });
  if (error !== null && data === undefined) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={8} label="Loading failures" />;
  if (data.items.length === 0) {
    return isFiltered ? (
      <EmptyState title="No failure matches these filters" icon="filter" />
    ) : (
      <EmptyState title="Nothing is failed" icon="check" commands={["millrace runs --state error"]}>
        A run that ends in an error appears here with all others of the same error, until it is retried or finished by a
        later try.
      </EmptyState>
    );
  }
  return (
    <div className="clusters">
      {data.items.map((cluster) => {
        const id = `${cluster.job_name}:${cluster.fingerprint}`;
        return <ClusterCard key={id} cluster={cluster} isOpen={open === id} onToggle={() => onToggle(id)} />;
      })}
    </div>
  );
}
