// Replays with how far each is and when it is done, and what a person may do with it: swap its result in, or end it.
import { Link } from "@tanstack/react-router";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import type { ReplayView } from "../../api/streams/replay.ts";
import type { Role } from "../../api/role.ts";
import type { Action } from "../components/actions/action.ts";
import { ActionButton } from "../components/actions/action-button.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { DataTable } from "../components/tables/data-table.tsx";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { formatCount } from "../components/values/format-quantity.ts";
import { ProgressBar } from "../components/values/progress-bar.tsx";
import { RunLink } from "../components/values/run-link.tsx";
import type { StateAppearance } from "../components/values/state-appearance.ts";
import { Nothing, RelativeTime } from "../components/values/time.tsx";
import { call } from "../queries/api-client.ts";
import { mayCall } from "../queries/permissions.ts";
import { useRole } from "../queries/session.ts";
import { keyOf, useApi } from "../queries/use-api.ts";
import { StateWithError } from "./state-with-error.tsx";

export function ReplayTable(): ReactElement {
  const { data, error, refetch } = useApi("listReplays", { query: {} }, { refetchMs: 2_000 });
  if (error !== null && data === undefined) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={6} label="Loading replays" />;
  return (
    <DataTable
      label="Replays"
      columns={columns}
      rows={data.items}
      idOf={({ replay }) => replay}
      empty={
        <EmptyState title="Nothing was replayed yet" icon="stream" commands={["millrace replay <job> --from earliest"]}>
          The screen of a group starts one: the code of its job once more over records of its topics, beside the live
          group.
        </EmptyState>
      }
    />
  );
}

const columns: readonly Column<ReplayView>[] = [
  { header: "Replay", isTitle: true, cell: ({ replay }) => replay },
  {
    header: "Job",
    cell: ({ job_name: jobName }) => (
      <Link to="/jobs/$jobName" params={{ jobName }}>
        {jobName}
      </Link>
    ),
  },
  { header: "State", cell: ({ state, error }) => <StateWithError look={appearances[state]} error={error} /> },
  { header: "Progress", cell: (replay) => <ReplayProgress {...replay} /> },
  { header: "Expected end", cell: ({ eta }) => <RelativeTime at={eta} /> },
  { header: "Run", cell: ({ run_id: runId }) => (runId === null ? <Nothing /> : <RunLink runId={runId} />) },
  { header: "Result", cell: (replay) => <Result {...replay} /> },
  { header: "Started", cell: ({ created_at: at }) => <RelativeTime at={at} /> },
  { header: "Actions", isHeaderHidden: true, cell: (replay) => <Decisions replay={replay} /> },
];

const appearances: Readonly<Record<ReplayView["state"], StateAppearance>> = {
  running: { label: "Running", icon: "play", tone: "running" },
  ready: { label: "Ready", icon: "check", tone: "good" },
  swapping: { label: "Swapping", icon: "clock", tone: "waiting" },
  swapped: { label: "Swapped", icon: "check", tone: "good" },
  cancelled: { label: "Cancelled", icon: "skip", tone: "neutral" },
  failed: { label: "Failed", icon: "cross", tone: "bad" },
};

function ReplayProgress({ replay, done, total }: ReplayView): ReactElement {
  return (
    <span>
      <ProgressBar percent={total === 0 ? 100 : (100 * done) / total} label={`Progress of ${replay}`} />{" "}
      <span className="number muted">
        {formatCount(done)} of {formatCount(total)}
      </span>
    </span>
  );
}

function Result({ state, outputs }: ReplayView): ReactElement {
  const names = outputs.map((output) => (state === "swapped" ? output.dataset : output.replay_dataset));
  if (names.length === 0) return <Nothing />;
  return (
    <span>
      {names.map((dataset, index) => (
        <span key={dataset}>
          {index === 0 ? "" : ", "}
          <Link to="/datasets/$dataset" params={{ dataset }}>
            {dataset}
          </Link>
        </span>
      ))}
    </span>
  );
}

function Decisions({ replay }: { readonly replay: ReplayView }): ReactElement {
  const role = useRole();
  const client = useQueryClient();
  const done = (): void => void client.invalidateQueries({ queryKey: keyOf("listReplays") });
  return (
    <>
      {listReplayActions(replay, role, done).map((action) => (
        <ActionButton key={action.label} action={action} look="quiet" />
      ))}
    </>
  );
}

function listReplayActions(replay: ReplayView, role: Role, done: () => void): readonly Action[] {
  const { state, outputs } = replay;
  const canSwap = state === "ready" && outputs.length > 0 && mayCall(role, "swapReplay");
  const canCancel = ["running", "ready", "swapping"].includes(state) && mayCall(role, "cancelReplay");
  return [...(canSwap ? [swapAction(replay, done)] : []), ...(canCancel ? [cancelAction(replay, done)] : [])];
}

function swapAction({ replay, outputs }: ReplayView, done: () => void): Action {
  const datasets = outputs.map(({ dataset }) => dataset).join(", ");
  return {
    label: "Swap in",
    icon: "check",
    confirm: {
      title: `Make the result of ${replay} the datasets?`,
      text: `The rows of ${datasets} are replaced in one step, as soon as the live group and the replay stand at the same place.`,
    },
    run: async ({ reason }) => {
      await call("swapReplay", { params: { replay }, body: reason === undefined ? {} : { reason } });
      done();
      return `${replay} is swapped in`;
    },
  };
}

function cancelAction({ replay }: ReplayView, done: () => void): Action {
  return {
    label: "End",
    icon: "stop",
    isDanger: true,
    confirm: { title: `End ${replay}?`, text: "Its runs are stopped; the datasets of its job stay as they are." },
    run: async ({ reason }) => {
      await call("cancelReplay", { params: { replay }, body: reason === undefined ? {} : { reason } });
      done();
      return `${replay} is cancelled`;
    },
  };
}
