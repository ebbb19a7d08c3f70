// The issues that a number of a sprint is made of: their points add up to it.
import type { ReactElement } from "react";
import type { SprintIssue, SprintNumber } from "../../api/delivery/sprint.ts";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { DataTable } from "../components/tables/data-table.tsx";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { Instant, Nothing } from "../components/values/time.tsx";
import { formatNumber } from "../delivery/figure-words.ts";
import { useApiList } from "../queries/use-api.ts";
import { numberNames } from "./sprint-numbers.tsx";

export function SprintIssues({ sprintId, of }: { readonly sprintId: number; readonly of: SprintNumber }): ReactElement {
  const list = useApiList("listSprintIssues", { params: { sprint_id: String(sprintId) }, query: { of, limit: 100 } });
  const title = `${numberNames[of]}: the issues`;
  return (
    <section className="card" aria-labelledby="issues-title">
      <h2 id="issues-title">{title}</h2>
      {list.error !== null ? (
        <ErrorState error={list.error} retry={list.refetch} />
      ) : list.isPending ? (
        <Skeleton lines={5} label="Loading issues" />
      ) : (
        <DataTable
          label={title}
          columns={columns}
          rows={list.items}
          idOf={({ issue_id: id, at, change }) => `${id} ${at} ${change}`}
          empty={<EmptyState title="No issue" icon="check" />}
          hasMore={list.hasMore}
          isLoadingMore={list.isLoadingMore}
          onLoadMore={list.loadMore}
        />
      )}
    </section>
  );
}

const columns: readonly Column<SprintIssue>[] = [
  { header: "Issue", isTitle: true, cell: ({ key, issue_id: id }) => <code>{key ?? id}</code> },
  {
    header: "Summary",
    width: "minmax(160px, 2fr)",
    cell: ({ summary }) =>
      summary === null ? <Nothing text="unknown" /> : <span className="change-title">{summary}</span>,
  },
  { header: "Type", cell: ({ type }) => type ?? <Nothing text="unknown" /> },
  { header: "What happened", cell: ({ change }) => change },
  { header: "When", cell: ({ at }) => <Instant at={at} precision="minute" /> },
  { header: "Points", align: "end", cell: Points },
];

function Points({ points, is_estimated: isEstimated }: SprintIssue): ReactElement {
  return isEstimated ? (
    <span className="number">{formatNumber(points)}</span>
  ) : (
    <span className="muted">no estimate</span>
  );
}
