// Failures of one job with the same error as one card: what it says, how often, since when, and what to press.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { type FailureCluster } from "../../api/control.ts";
import { MessageText } from "../components/tables/message-text.tsx";
import { formatCount } from "../components/values/format-quantity.ts";
import { Icon } from "../components/values/icon.tsx";
import { RelativeTime } from "../components/values/time.tsx";
import { ClusterRuns } from "./cluster-runs.tsx";
import { RetryButton } from "./retry-button.tsx";

/** The count is exact below this. */
const countedUpTo = 10_000;

export interface ClusterCardProps {
  readonly cluster: FailureCluster;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

/** Its runs are loaded when it is opened. */
export function ClusterCard({ cluster, isOpen, onToggle }: ClusterCardProps): ReactElement {
  const { fingerprint, job_name: job, count } = cluster;
  return (
    <article className="card cluster" aria-label={`${cluster.code} in ${job}`}>
      <header className="cluster-head">
        <span className="cluster-count number" title="runs that are still failed">
          {formatCount(count)}
          {count >= countedUpTo ? "+" : ""}
          <span className="only-read"> failed runs</span>
        </span>
        <div className="cluster-text">
          <h2 className="cluster-title">
            <Link to="/jobs/$jobName" params={{ jobName: job }}>
              {job}
            </Link>{" "}
            <code className="tag">{cluster.code}</code>
            {cluster.error_class === null ? null : <span className="muted"> {cluster.error_class}</span>}
          </h2>
          <p className="cluster-message">
            <MessageText text={cluster.message} />
          </p>
          {cluster.hint === null ? null : (
            <p className="cluster-hint">
              <Icon name="info" size={14} />{" "}
              <span>
                <MessageText text={cluster.hint} />
              </span>
            </p>
          )}
          <p className="muted">
            first <RelativeTime at={cluster.first_at} /> · last <RelativeTime at={cluster.last_at} />
          </p>
        </div>
        <div className="card-actions">
          <RetryButton
            label={count === 1 ? "Retry it" : `Retry all ${formatCount(count)}${count >= countedUpTo ? "+" : ""}`}
            request={{ action: "retry", filter: { fingerprint, job, state: "ERROR", children: true } }}
          />
          <button type="button" className="button" aria-expanded={isOpen} onClick={onToggle}>
            <Icon name={isOpen ? "chevron-down" : "chevron"} /> Runs
          </button>
        </div>
      </header>
      {isOpen ? <ClusterRuns cluster={cluster} /> : null}
    </article>
  );
}
