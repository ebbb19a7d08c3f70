// The catalogue of datasets: what there is, how fresh, how many rows, and the lineage of all of it.
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import "../styles/panels.css";
import type { ReactElement } from "react";
import { type DatasetView } from "../../api/datasets/dataset.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { FilterBar, TextFilter } from "../components/tables/filter-bar.tsx";
import { formatCount } from "../components/values/format-quantity.ts";
import { LateMark } from "../components/values/late-mark.tsx";
import { PageHeader } from "../components/frame/page-header.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { Nothing, RelativeTime } from "../components/values/time.tsx";
import { LineageGraph } from "../lineage/lineage-graph.tsx";
import { useApi } from "../queries/use-api.ts";
import { type DatasetsSearch } from "../search/datasets-search.ts";

/** The text to find and the form are in the address. */
export function Datasets(): ReactElement {
  const search = useSearch({ from: "/datasets" });
  const navigate = useNavigate({ from: "/datasets" });
  const change = (part: Partial<DatasetsSearch>): void => void navigate({ search: { ...search, ...part } });
  const { q, view, node } = search;
  return (
    <div className="screen">
      <PageHeader
        title="Datasets"
        actions={
          <div className="segments" role="group" aria-label="View">
            <button type="button" aria-pressed={view === undefined} onClick={() => change({ view: undefined })}>
              List
            </button>
            <button type="button" aria-pressed={view === "lineage"} onClick={() => change({ view: "lineage" })}>
              Lineage
            </button>
          </div>
        }
      />
      {view === "lineage" ? (
        <WholeLineage selected={node ?? null} onSelect={(id) => change({ node: id ?? undefined })} />
      ) : (
        <>
          <FilterBar label="Datasets" isFiltered={q !== undefined} onClear={() => change({ q: undefined })}>
            <TextFilter label="Name" value={q ?? ""} isMain onChange={(text) => change({ q: text || undefined })} />
          </FilterBar>
          <Catalogue q={q} />
        </>
      )}
    </div>
  );
}

function WholeLineage({
  selected,
  onSelect,
}: {
  readonly selected: string | null;
  readonly onSelect: (id: string | null) => void;
}): ReactElement {
  const { data, error, refetch } = useApi("showLineage", {});
  if (error !== null && data === undefined) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={10} label="Loading the lineage" />;
  return <LineageGraph lineage={data} selected={selected} onSelect={onSelect} />;
}

function Catalogue({ q }: { readonly q: string | undefined }): ReactElement {
  const query = q === undefined ? {} : { q };
  const { data, error, refetch } = useApi("listDatasets", { query }, { keepPrevious: true, refetchMs: 30_000 });
  const navigate = useNavigate();
  if (error !== null && data === undefined) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={8} label="Loading datasets" />;
  return (
    <DataTable
      kind="list"
      label="Datasets"
      columns={columns}
      rows={data.items}
      idOf={(row) => row.dataset}
      onOpen={(row) => void navigate({ to: "/datasets/$dataset", params: { dataset: row.dataset } })}
      rowHeight={44}
      empty={<NoDatasets q={q} />}
    />
  );
}

function NoDatasets({ q }: { readonly q: string | undefined }): ReactElement {
  if (q !== undefined) return <EmptyState title={`No dataset has ${q} in its name`} icon="filter" />;
  return (
    <EmptyState title="No dataset yet" icon="database" commands={["millrace init", "millrace run <job>"]}>
      A dataset is what a job names in <code>outputs</code>. It appears here with the first run that publishes it.
    </EmptyState>
  );
}

const columns: readonly Column<DatasetView>[] = [
  {
    header: "Dataset",
    isTitle: true,
    width: "minmax(0, 1.6fr)",
    cell: (row) => (
      <Link to="/datasets/$dataset" params={{ dataset: row.dataset }}>
        {row.dataset}
      </Link>
    ),
  },
  {
    header: "Version",
    align: "end",
    width: "72px",
    cell: (row) =>
      row.version === 0 ? <span className="muted">none yet</span> : <span className="number">{row.version}</span>,
  },
  {
    header: "Rows",
    align: "end",
    width: "112px",
    cell: (row) =>
      row.row_count === null ? <Nothing /> : <span className="number">{formatCount(row.row_count)}</span>,
  },
  {
    header: "Set aside",
    align: "end",
    width: "96px",
    cell: (row) =>
      row.quarantined === null ? <Nothing /> : <span className="number">{formatCount(row.quarantined)}</span>,
  },
  {
    header: "Published",
    width: "136px",
    cell: (row) => (
      <span>
        <RelativeTime at={row.created_at} /> <LateMark since={row.stale?.since ?? null} word="stale" look="plain" />
      </span>
    ),
  },
  {
    header: "Job",
    cell: (row) =>
      row.job_name === null ? (
        <Nothing />
      ) : (
        <Link to="/jobs/$jobName" params={{ jobName: row.job_name }}>
          {row.job_name}
        </Link>
      ),
  },
  {
    header: "Where",
    cell: (row) => {
      const [first] = row.locations;
      return first === undefined ? <Nothing /> : <code className="truncate">{`${first.format} ${first.path}`}</code>;
    },
  },
];
