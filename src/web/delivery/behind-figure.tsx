// The rows that a figure of a period is made of: changes for lead time, deployments for the others.
import type { ReactElement } from "react";
import type { DeliveryChange, DeliveryDeployment, DeliverySpan } from "../../api/delivery/delivery.ts";
import type { DoraMetric } from "../../core/delivery/dora-metrics.ts";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { DataTable } from "../components/tables/data-table.tsx";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { formatMs } from "../components/values/format-quantity.ts";
import { Icon } from "../components/values/icon.tsx";
import { Instant, Nothing } from "../components/values/time.tsx";
import { useApiList } from "../queries/use-api.ts";
import { StageBar, type StagePart } from "./stage-bar.tsx";

export interface BehindFigureProps {
  readonly service: string;
  readonly span: DeliverySpan;
  /** The span in words. */
  readonly when: string;
  readonly metric: DoraMetric;
}

export function BehindFigure({ metric, ...props }: BehindFigureProps): ReactElement {
  return metric === "change_lead_time" ? <Changes {...props} /> : <Deployments {...props} metric={metric} />;
}

/** What deployments are listed for a metric, and what it is called. */
const deploymentLists = {
  deployment_frequency: { title: "Deployments", none: "Nothing was deployed" },
  change_fail_rate: { title: "Deployments that failed", none: "No deployment failed", only: "failed" },
  failed_deployment_recovery_time: { title: "Deployments that failed", none: "No deployment failed", only: "failed" },
  deployment_rework_rate: {
    title: "Deployments that nobody had planned",
    none: "Nothing unplanned was deployed",
    only: "unplanned",
  },
} as const;

function Changes({ service, span, when }: Omit<BehindFigureProps, "metric">): ReactElement {
  const query = { service, since: span.start_at, until: span.end_at, limit: 50 };
  const list = useApiList("listDeliveryChanges", { query });
  return (
    <section className="card" aria-labelledby="behind-title">
      <h2 id="behind-title">Changes deployed in {when}</h2>
      {list.error !== null ? (
        <ErrorState error={list.error} retry={list.refetch} />
      ) : list.isPending ? (
        <Skeleton lines={5} label="Loading changes" />
      ) : (
        <DataTable
          label={`Changes deployed in ${when}`}
          columns={changeColumns}
          rows={list.items}
          idOf={({ repository_id: repository, number }) => `${repository} ${number}`}
          empty={<EmptyState title="No change was deployed" icon="search" />}
          hasMore={list.hasMore}
          isLoadingMore={list.isLoadingMore}
          onLoadMore={list.loadMore}
        />
      )}
    </section>
  );
}

function Deployments({
  service,
  span,
  when,
  metric,
}: Omit<BehindFigureProps, "metric"> & { readonly metric: keyof typeof deploymentLists }): ReactElement {
  const { title, none, ...filter } = deploymentLists[metric];
  const query = { service, since: span.start_at, until: span.end_at, limit: 50, ...filter };
  const list = useApiList("listDeliveryDeployments", { query });
  return (
    <section className="card" aria-labelledby="behind-title">
      <h2 id="behind-title">
        {title} in {when}
      </h2>
      {list.error !== null ? (
        <ErrorState error={list.error} retry={list.refetch} />
      ) : list.isPending ? (
        <Skeleton lines={5} label="Loading deployments" />
      ) : (
        <DataTable
          label={`${title} in ${when}`}
          columns={deploymentColumns}
          rows={list.items}
          idOf={({ deployment_id: id }) => String(id)}
          empty={<EmptyState title={none} icon="check" />}
          hasMore={list.hasMore}
          isLoadingMore={list.isLoadingMore}
          onLoadMore={list.loadMore}
        />
      )}
    </section>
  );
}

const changeColumns: readonly Column<DeliveryChange>[] = [
  { header: "Change", isTitle: true, width: "minmax(180px, 2fr)", cell: ChangeTitle },
  { header: "Author", cell: ({ author }) => author ?? <Nothing text="unknown" /> },
  { header: "Deployed", cell: ({ deployed_at: at }) => <Instant at={at} precision="minute" /> },
  { header: "Lead time", align: "end", cell: ({ lead_seconds: seconds }) => <Seconds seconds={seconds} /> },
  { header: "Stages", width: "minmax(120px, 1fr)", cell: ChangeStages },
];

function ChangeTitle(change: DeliveryChange): ReactElement {
  const { repository, repository_id: id, number, title } = change;
  const marks = [
    ...(change.is_hotfix ? ["hotfix"] : []),
    ...(change.is_revert ? ["revert"] : []),
    ...(change.is_unreviewed ? ["not reviewed"] : []),
    ...(change.is_clock_skewed ? ["clock was ahead"] : []),
    ...(change.is_bot ? ["bot"] : []),
  ];
  return (
    <span className="change-title">
      <span>{title ?? "unknown title"}</span>{" "}
      <span className="muted">
        {repository ?? `repository ${id}`}#{number}
      </span>{" "}
      {marks.map((mark) => (
        <span key={mark} className="tag">
          {mark}
        </span>
      ))}
    </span>
  );
}

function ChangeStages(change: DeliveryChange): ReactElement {
  const parts: readonly StagePart[] = [
    { stage: "coding", seconds: change.coding_seconds },
    { stage: "pickup", seconds: change.pickup_seconds },
    { stage: "review", seconds: change.review_seconds },
    { stage: "merge_wait", seconds: change.merge_wait_seconds },
    { stage: "deploy", seconds: change.deploy_seconds },
  ];
  if (change.lead_seconds === null) return <Nothing text="not known" />;
  const words = parts.flatMap(({ stage, seconds }) =>
    seconds === null ? [] : [`${stage.replace("_", " ")} ${formatMs(seconds * 1_000)}`],
  );
  return (
    <span title={words.join(", ")}>
      <StageBar parts={parts} />
      <span className="only-read">{words.join(", ")}</span>
    </span>
  );
}

function Seconds({ seconds }: { readonly seconds: number | null }): ReactElement {
  return seconds === null ? <Nothing text="unknown" /> : <span className="number">{formatMs(seconds * 1_000)}</span>;
}

const deploymentColumns: readonly Column<DeliveryDeployment>[] = [
  { header: "Deployed", isTitle: true, cell: ({ deployed_at: at }) => <Instant at={at} precision="minute" /> },
  { header: "Environment", cell: ({ environment }) => environment ?? <Nothing text="unknown" /> },
  { header: "Repository", cell: ({ repository, repository_id: id }) => repository ?? `repository ${id}` },
  {
    header: "Commit",
    cell: ({ sha }) => (sha === null ? <Nothing text="unknown" /> : <code>{sha.slice(0, 10)}</code>),
  },
  { header: "To the one before", cell: ({ comparison }) => comparisons[comparison ?? "unknown"] ?? comparison },
  { header: "How it went", cell: DeploymentState },
  { header: "Repaired after", align: "end", cell: Recovery },
];

const comparisons: Readonly<Record<string, string>> = {
  ahead: "newer",
  behind: "older: a rollback",
  diverged: "of another branch",
  identical: "the same again",
  baseline: "the first known",
  unknown: "not known",
};

function DeploymentState(deployment: DeliveryDeployment): ReactElement {
  const { is_failed: isFailed, failure_reason: reason, failed_by: by, is_unplanned: isUnplanned } = deployment;
  return (
    <span className="change-title">
      <span className="state state-plain" data-tone={isFailed ? "bad" : "good"} title={by.join(", ")}>
        <Icon name={isFailed ? "cross" : "check"} size={14} /> {isFailed ? `failed: ${reason ?? "unknown"}` : "well"}
      </span>
      {isUnplanned ? <span className="tag">not planned</span> : null}
    </span>
  );
}

function Recovery({
  is_failed: isFailed,
  restored_at: restored,
  recovery_seconds: seconds,
}: DeliveryDeployment): ReactElement {
  if (!isFailed) return <Nothing text="nothing to repair" />;
  return restored === null ? <span>not yet</span> : <Seconds seconds={seconds} />;
}
