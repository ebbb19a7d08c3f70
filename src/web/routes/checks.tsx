// The screen of checks: for each dataset a matrix of its checks and the newest runs, and what fails in words.
import { useNavigate, useSearch } from "@tanstack/react-router";
import "../styles/panels.css";
import type { ReactElement } from "react";
import "../checks/checks.css";
import { groupChecks, onlyFailing } from "../checks/check-matrix.ts";
import { CheckMatrix } from "../checks/check-matrix-table.tsx";
import { QuarantineNotice } from "../checks/quarantine-notice.tsx";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { FilterBar, TextFilter } from "../components/tables/filter-bar.tsx";
import { PageHeader } from "../components/frame/page-header.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { useApi } from "../queries/use-api.ts";
import { type ChecksSearch } from "../search/checks-search.ts";

/** Its filters are in the address. */
export function Checks(): ReactElement {
  const search = useSearch({ from: "/checks" });
  const navigate = useNavigate({ from: "/checks" });
  const change = (part: Partial<ChecksSearch>): void => void navigate({ search: { ...search, ...part } });
  const { dataset, job, failing } = search;
  const isFiltered = dataset !== undefined || job !== undefined || failing === true;
  return (
    <div className="screen">
      <PageHeader title="Checks" />
      <FilterBar
        label="Checks"
        isFiltered={isFiltered}
        onClear={() => change({ dataset: undefined, job: undefined, failing: undefined })}
      >
        <TextFilter
          label="Dataset"
          value={dataset ?? ""}
          isMain
          onChange={(text) => change({ dataset: text || undefined })}
        />
        <TextFilter label="Job" value={job ?? ""} onChange={(text) => change({ job: text || undefined })} />
        <button
          type="button"
          className="toggle"
          aria-pressed={failing === true}
          onClick={() => change({ failing: failing === true ? undefined : true })}
        >
          Failing now
        </button>
      </FilterBar>
      <QuarantineNotice />
      <Groups search={search} isFiltered={isFiltered} />
    </div>
  );
}

function Groups({ search, isFiltered }: { readonly search: ChecksSearch; readonly isFiltered: boolean }): ReactElement {
  const { dataset, job, failing } = search;
  const query = { ...(dataset === undefined ? {} : { dataset }), ...(job === undefined ? {} : { job }) };
  const { data, error, refetch } = useApi("listChecks", { query }, { keepPrevious: true, refetchMs: 30_000 });
  if (error !== null && data === undefined) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={8} label="Loading checks" />;
  const checks = failing === true ? onlyFailing(data.items) : data.items;
  if (checks.length === 0) {
    return isFiltered ? (
      <EmptyState title={failing === true ? "No check fails now" : "No check matches these filters"} icon="checks" />
    ) : (
      <EmptyState title="No check was evaluated yet" icon="checks" commands={["millrace run <job>"]}>
        Give a target <code>checks</code>, such as <code>{'{ notNull: ["id"] }'}</code> or{" "}
        <code>{"{ rowCount: { min: 1 } }"}</code>. They are evaluated before anything is published; a blocking one keeps
        bad rows out.
      </EmptyState>
    );
  }
  return (
    <div className="check-groups">
      {groupChecks(checks).map((group) => (
        <CheckMatrix key={`${group.dataset} ${group.jobName}`} group={group} />
      ))}
    </div>
  );
}
