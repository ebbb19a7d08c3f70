// The connections that jobs collect through, in a line each: whether calls get through, and how many may be sent now.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Connection } from "../../api/orchestrator.ts";
import { formatDuration } from "../../core/duration.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { formatCount } from "../components/values/format-quantity.ts";
import { StateMark } from "../components/values/state-mark.tsx";
import { DueTime, Nothing, RelativeTime } from "../components/values/time.tsx";
import { describeConnection } from "../connections/describe-connection.ts";
import { useServerNow } from "../queries/server-clock.ts";

/** Nothing without a connection. */
export function ConnectionStrip({ connections }: { readonly connections: readonly Connection[] }): ReactElement | null {
  if (connections.length === 0) return null;
  return (
    <section className="card" aria-labelledby="collection-connections">
      <h2 id="collection-connections">Connections</h2>
      <DataTable label="Connections" columns={columns} rows={connections} idOf={({ connection }) => connection} />
    </section>
  );
}

/** Whether calls through one of them do not get through now, which is why jobs are behind. */
export function useAnyHeldUp(connections: readonly Connection[]): boolean {
  const nowMs = useServerNow();
  return connections.some((connection) => describeConnection(connection, nowMs).tone !== "good");
}

const columns: readonly Column<Connection>[] = [
  {
    header: "Connection",
    isTitle: true,
    cell: ({ connection }) => <Link to="/connections">{connection}</Link>,
  },
  { header: "State", cell: (connection) => <ConnectionState connection={connection} /> },
  { header: "Requests that may be sent now", cell: RequestsLeft },
  { header: "Paused until", cell: ({ paused_until: until }) => <RelativeTime at={until} /> },
  { header: "Token ends", cell: TokenEnd },
];

function ConnectionState({ connection }: { readonly connection: Connection }): ReactElement {
  const { breaker } = connection;
  return (
    <span className="collection-state">
      <StateMark {...describeConnection(connection, useServerNow())} />
      {breaker === null || breaker.next_probe_at === null ? null : (
        <span className="muted">
          {" "}
          · probe <DueTime at={breaker.next_probe_at} />
        </span>
      )}
    </span>
  );
}

function RequestsLeft({ requests }: Connection): ReactElement {
  if (requests === null) return <span className="muted">no limit of its own</span>;
  return (
    <span className="number">
      {formatCount(requests.ready)} of {formatCount(requests.count)}
      <span className="muted"> in {formatDuration(requests.per_ms)}</span>
    </span>
  );
}

function TokenEnd({ token_state: token }: Connection): ReactElement {
  if (token === null) return <Nothing text="no token is held" />;
  if (token.expires_at === null) return <span className="muted">when it is refused</span>;
  return <RelativeTime at={token.expires_at} />;
}
