// What is known of a connection: where it is, who asks, and how much of it may be asked for now.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Connection } from "../../api/orchestrator.ts";
import { Fact } from "../components/values/fact.tsx";
import { formatDuration } from "../../core/duration.ts";
import { formatCount } from "../components/values/format-quantity.ts";
import { RelativeTime } from "../components/values/time.tsx";
import { Quota } from "./quota.tsx";
import { RunLink } from "../components/values/run-link.tsx";

export function ConnectionFacts({ connection }: { readonly connection: Connection }): ReactElement {
  const { address, paused_until: pausedUntil, blocked_until: blockedUntil, job_names: jobs, holders } = connection;
  return (
    <dl className="facts">
      {address === null ? null : (
        <Fact name="Address">
          <code className="request-address">{address}</code>
        </Fact>
      )}
      <Fact name="From">{describeSource(connection)}</Fact>
      <TokenFact connection={connection} />
      {pausedUntil === null ? null : (
        <Fact name="Asked to pause">
          until <RelativeTime at={pausedUntil} />
        </Fact>
      )}
      <RequestsFact connection={connection} />
      <Fact name="Runs at once">
        <Quota held={connection.held} capacity={connection.capacity} />
      </Fact>
      {blockedUntil === null ? null : (
        <Fact name="Free again">
          <RelativeTime at={blockedUntil} />
        </Fact>
      )}
      <Fact name="Used by">
        <span className="links">
          {jobs.length === 0 ? "no job" : null}
          {jobs.map((job) => (
            <Link key={job} to="/jobs/$jobName" params={{ jobName: job }}>
              {job}
            </Link>
          ))}
        </span>
      </Fact>
      {holders.length === 0 ? null : (
        <Fact name="Held by">
          <span className="links">
            {holders.map((runId) => (
              <RunLink key={runId} runId={runId} />
            ))}
          </span>
        </Fact>
      )}
    </dl>
  );
}

function TokenFact({ connection: { token_state: token } }: { readonly connection: Connection }): ReactElement | null {
  if (token === null) return null;
  return (
    <Fact name="Token">
      {token.expires_at === null ? (
        "held until it is refused"
      ) : (
        <>
          held, ends <RelativeTime at={token.expires_at} />
        </>
      )}
    </Fact>
  );
}

function RequestsFact({ connection: { requests } }: { readonly connection: Connection }): ReactElement | null {
  if (requests === null) return null;
  return (
    <Fact name="Requests">
      {formatCount(requests.count)} in {formatDuration(requests.per_ms)}, {formatCount(requests.ready)} may be sent now
    </Fact>
  );
}

function describeSource({ source, kind, auth }: Connection): string {
  if (source === null) return "named by jobs, declared nowhere";
  const how = auth === null ? "no credentials" : auth;
  return `${source === "store" ? "registered" : "configuration"}, ${kind ?? "unknown"}, ${how}`;
}
