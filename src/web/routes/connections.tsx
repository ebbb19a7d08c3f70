// The screen of connections: which external systems jobs use, whether calls get through, and the limits of everything.
import "../styles/panels.css";
import type { ReactElement } from "react";
import "../connections/connections.css";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { PageHeader } from "../components/frame/page-header.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { ConnectionCard } from "../connections/connection-card.tsx";
import { LimitsTable } from "../connections/limits-table.tsx";
import { useApi } from "../queries/use-api.ts";

/** Those in trouble come first. */
export function Connections(): ReactElement {
  return (
    <div className="screen">
      <PageHeader title="Connections" />
      <ConnectionList />
      <section className="card" aria-labelledby="limits-title">
        <h2 id="limits-title">Limits</h2>
        <LimitList />
      </section>
    </div>
  );
}

function ConnectionList(): ReactElement {
  const { data, error, refetch } = useApi("listConnections", {}, { refetchMs: 5_000 });
  if (error !== null && data === undefined) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={6} label="Loading connections" />;
  if (data.items.length === 0) {
    return (
      <EmptyState title="No job uses a connection" icon="plug" commands={["millrace doctor"]}>
        Name an external system in <code>millrace.config.ts</code> under <code>connections</code>, and in the{" "}
        <code>connections</code> of a job.
      </EmptyState>
    );
  }
  const order = { open: 0, half_open: 1, closed: 2 } as const;
  const sorted = data.items.toSorted(
    (a, b) => order[a.breaker?.state ?? "closed"] - order[b.breaker?.state ?? "closed"],
  );
  return (
    <div className="connections">
      {sorted.map((connection) => (
        <ConnectionCard key={connection.connection} connection={connection} />
      ))}
    </div>
  );
}

function LimitList(): ReactElement {
  const { data, error, refetch } = useApi("listLimits", {}, { refetchMs: 5_000 });
  if (error !== null && data === undefined) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={4} label="Loading limits" />;
  if (data.items.length === 0) {
    return (
      <EmptyState title="No limit is set" icon="filter">
        A job limits itself with <code>concurrency</code>; pools and connections have limits in{" "}
        <code>millrace.config.ts</code>.
      </EmptyState>
    );
  }
  return <LimitsTable limits={data.items} />;
}
