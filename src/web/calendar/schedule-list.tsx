// All schedules as a list: when each fires next, what happens to fires that are missed or overlap, pause and resume.
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { type ScheduleView } from "../../api/schedule.ts";
import { ActionButton } from "../components/actions/action-button.tsx";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { Nothing, RelativeTime } from "../components/values/time.tsx";
import { useRole } from "../queries/session.ts";
import { keyOf, useApi } from "../queries/use-api.ts";
import { Looks, NextFire } from "./awaited.tsx";
import { describeOverlap } from "./describe-policy.ts";
import { toScheduleAction } from "./schedule-actions.ts";

/** Those whose job has `filter` in its name. */
export function ScheduleList({ filter }: { readonly filter: string | undefined }): ReactElement {
  const { data, error, refetch } = useApi("listSchedules", {}, { refetchMs: 30_000 });
  const navigate = useNavigate();
  if (error !== null && data === undefined) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={6} label="Loading schedules" />;
  if (data.items.length === 0) return <NoSchedules />;
  const shown = data.items.filter((item) => filter === undefined || item.job_name.includes(filter));
  return (
    <DataTable
      kind="list"
      label="Schedules"
      columns={columns}
      rows={shown}
      idOf={(row) => row.job_name}
      onOpen={({ job_name: jobName, defined }) =>
        defined && void navigate({ to: "/jobs/$jobName", params: { jobName }, search: { tab: "schedule" } })
      }
      rowHeight={52}
      empty={<EmptyState title={`No schedule of a job named ${filter}`} icon="calendar" />}
    />
  );
}

const columns: readonly Column<ScheduleView>[] = [
  {
    header: "Job",
    isTitle: true,
    width: "minmax(0, 1.4fr)",
    // A job that nobody here defines has no page.
    cell: (row) =>
      row.defined ? (
        <Link to="/jobs/$jobName" params={{ jobName: row.job_name }} search={{ tab: "schedule" }}>
          {row.job_name}
        </Link>
      ) : (
        row.job_name
      ),
  },
  { header: "Fires", width: "minmax(0, 1.2fr)", cell: (row) => <code>{row.timing}</code> },
  {
    header: "Next",
    width: "minmax(0, 1.4fr)",
    cell: (row) => (
      <span className="stack">
        <NextFire schedule={row} />
        {row.trigger === null || row.paused || !row.defined ? null : (
          <span className="muted small">
            looks <Looks trigger={row.trigger} />
          </span>
        )}
      </span>
    ),
  },
  {
    header: "Last",
    cell: (row) =>
      row.last_run_id === null ? (
        <RelativeTime at={row.last_fire_at} />
      ) : (
        <Link to="/runs/$runId" params={{ runId: row.last_run_id }}>
          <RelativeTime at={row.last_fire_at} />
        </Link>
      ),
  },
  {
    header: "Missed and overlap",
    width: "minmax(0, 1.2fr)",
    cell: ({ missed, overlap }) => (
      <span className="muted">
        {[...(missed === null ? [] : [`missed: ${missed}`]), describeOverlap(overlap)].join(" · ")}
      </span>
    ),
  },
  {
    header: "After",
    cell: (row) => (row.dependencies.length === 0 ? <Nothing /> : row.dependencies.join(", ")),
  },
  {
    header: "Actions",
    isHeaderHidden: true,
    width: "44px",
    cell: (row) => <ScheduleButton schedule={row} />,
  },
];

/** Pause or resume, as an icon. */
function ScheduleButton({ schedule }: { readonly schedule: ScheduleView }): ReactElement {
  const client = useQueryClient();
  const role = useRole();
  const action = toScheduleAction(
    schedule,
    role,
    () => void client.invalidateQueries({ queryKey: keyOf("listSchedules") }),
  );
  return <ActionButton action={action} isCompact look="quiet" />;
}

function NoSchedules(): ReactElement {
  return (
    <EmptyState title="No job has a schedule" icon="calendar" commands={["millrace schedules"]}>
      Give a job a <code>schedule</code> in its definition, such as{" "}
      <code>{'{ cron: "0 6 * * 1-5", timezone: "Europe/Berlin" }'}</code>, <code>{'{ every: "4h" }'}</code> or{" "}
      <code>{'{ after: ["orders"] }'}</code>; it appears here when a server has started with it.
    </EmptyState>
  );
}
