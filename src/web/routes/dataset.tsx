// The screen of one dataset: its columns and places, its versions with what changed in the schema, its lineage, its checks.
import { Link, useParams } from "@tanstack/react-router";
import { useState, type ReactElement } from "react";
import "../styles/panels.css";
import "../datasets/dataset.css";
import type { CatalogTableView, DatasetDetail } from "../../api/datasets/dataset.ts";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { formatCount } from "../components/values/format-quantity.ts";
import { LateMark } from "../components/values/late-mark.tsx";
import { PageHeader } from "../components/frame/page-header.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { RelativeTime } from "../components/values/time.tsx";
import { QuarantineSection } from "../datasets/quarantine-section.tsx";
import { RowsSection } from "../datasets/rows-section.tsx";
import { SchemaChanges } from "../datasets/schema-changes.tsx";
import { VersionTable } from "../datasets/version-table.tsx";
import { LineageGraph, LineageLists } from "../lineage/lineage-graph.tsx";
import { useApi } from "../queries/use-api.ts";
import { RunLink } from "../components/values/run-link.tsx";

/** By its name in the address. */
export function DatasetScreen(): ReactElement {
  const { dataset } = useParams({ from: "/datasets/$dataset" });
  const { data, error, refetch } = useApi(
    "showDataset",
    { params: { dataset }, query: { limit: 50 } },
    { refetchMs: 30_000 },
  );
  return (
    <div className="screen">
      <PageHeader
        title={dataset}
        beside={<LateMark since={data?.stale?.since ?? null} word="stale" />}
        above={<Link to="/datasets">Datasets</Link>}
        actions={
          <Link to="/checks" search={{ dataset }} className="button">
            Checks
          </Link>
        }
      >
        {data === undefined ? null : <Facts detail={data} />}
      </PageHeader>
      {data === undefined ? (
        error === null ? (
          <Skeleton lines={10} label="Loading the dataset" />
        ) : (
          <ErrorState error={error} retry={() => void refetch()} />
        )
      ) : (
        <Sections detail={data} />
      )}
    </div>
  );
}

function Facts({ detail }: { readonly detail: DatasetDetail }): ReactElement {
  if (detail.version === 0) return <span>never published</span>;
  return (
    <span>
      version <span className="number">{detail.version}</span> ·{" "}
      <span className="number">{formatCount(detail.row_count ?? 0)}</span> {detail.row_count === 1 ? "row" : "rows"}
      {detail.quarantined === null ? null : (
        <>
          , <span className="number">{formatCount(detail.quarantined)}</span> set aside
        </>
      )}{" "}
      · published <RelativeTime at={detail.created_at} />
      {detail.job_name === null ? null : (
        <>
          {" by "}
          <Link to="/jobs/$jobName" params={{ jobName: detail.job_name }}>
            {detail.job_name}
          </Link>
        </>
      )}
      {detail.run_id === null ? null : (
        <>
          {" in "}
          <RunLink runId={detail.run_id} />
        </>
      )}
      {detail.freshness === null ? null : ` · expected ${detail.freshness}`}
    </span>
  );
}

function Sections({ detail }: { readonly detail: DatasetDetail }): ReactElement {
  const id = `dataset:${detail.dataset}`;
  const [selected, setSelected] = useState<string | null>(null);
  // The list of quarantines is asked for only where one may be: on the page of a dataset that has one, or of one itself.
  const mayHaveAside = (detail.quarantined ?? 0) > 0 || detail.dataset.endsWith("_quarantine");
  return (
    <>
      {mayHaveAside ? <QuarantineSection dataset={detail.dataset} /> : null}
      {detail.version === 0 ? null : <RowsSection dataset={detail.dataset} />}
      <section className="card" aria-labelledby="lineage-title">
        <h2 id="lineage-title">Lineage</h2>
        <LineageLists lineage={detail.lineage} id={id} />
        {detail.lineage.edges.length === 0 ? null : (
          <LineageGraph lineage={detail.lineage} selected={selected} onSelect={setSelected} />
        )}
      </section>
      <section className="card" aria-labelledby="versions-title">
        <h2 id="versions-title">Versions</h2>
        {detail.versions.length === 0 ? (
          <EmptyState
            title="Never published"
            icon="database"
            commands={detail.job_name === null ? [] : [`millrace run ${detail.job_name}`]}
          >
            Each run that publishes it adds a version with its rows and columns.
          </EmptyState>
        ) : (
          <VersionTable detail={detail} />
        )}
      </section>
      {detail.schema_changes.length === 0 ? null : (
        <section className="card" aria-labelledby="changes-title">
          <h2 id="changes-title">Schema changes</h2>
          <SchemaChanges changes={detail.schema_changes} />
        </section>
      )}
      <ColumnsAndPlaces detail={detail} />
    </>
  );
}

function ColumnsAndPlaces({ detail }: { readonly detail: DatasetDetail }): ReactElement {
  return (
    <div className="dataset-halves">
      <section className="card" aria-labelledby="columns-title">
        <h2 id="columns-title">
          Columns <span className="muted number">{detail.columns.length}</span>
        </h2>
        {detail.columns.length === 0 ? (
          <p className="muted">known after the first publish</p>
        ) : (
          <ul className="column-list">
            {detail.columns.map(({ name, type, from }) => (
              <li key={name}>
                <code>{name}</code> <span className="muted">{type}</span>
                {from === null || from.length === 0 || from.join() === name ? null : (
                  <span className="muted"> from {from.join(", ")}</span>
                )}
              </li>
            ))}
          </ul>
        )}
      </section>
      <section className="card" aria-labelledby="places-title">
        <h2 id="places-title">Where it is</h2>
        {detail.locations.length === 0 ? (
          <p className="muted">nowhere yet</p>
        ) : (
          <ul className="column-list">
            {detail.locations.map(({ format, path, table }) => (
              <li key={path + (table ?? "")}>
                <span className="tag">{format}</span> <code>{path}</code>
                {table === null ? null : <span className="muted"> table {table}</span>}
              </li>
            ))}
          </ul>
        )}
        {detail.catalog === null ? null : <CatalogFacts catalog={detail.catalog} />}
      </section>
    </div>
  );
}

function CatalogFacts({ catalog }: { readonly catalog: CatalogTableView }): ReactElement {
  const { table, kind, owner, comment, grants, upstream, problem } = catalog;
  const facts = [kind, owner === null ? null : `owned by ${owner}`, comment].filter((fact) => fact !== null);
  return (
    <>
      <h3>In the catalog</h3>
      <ul className="column-list">
        <li>
          <code>{table}</code> <span className="muted">{problem ?? facts.join(", ")}</span>
        </li>
        {grants.map(({ principal, privileges }) => (
          <li key={principal}>
            {principal} <span className="muted">may {privileges.join(", ")}</span>
          </li>
        ))}
        {upstream.length === 0 ? null : (
          <li>
            <span className="muted">made of</span> {upstream.join(", ")}
          </li>
        )}
      </ul>
    </>
  );
}
