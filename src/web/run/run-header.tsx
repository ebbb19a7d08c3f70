// The head of a run: what it is, how it is, how far it is, when it will be done, and what may be done to it now.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { isTerminal } from "../../core/job/run-state.ts";
import type { RunDetail } from "../../api/run.ts";
import { ActionButton } from "../components/actions/action-button.tsx";
import { ActionMenu } from "../components/actions/action-menu.tsx";
import { Fact } from "../components/values/fact.tsx";
import { formatCount } from "../components/values/format-quantity.ts";
import { PageHeader } from "../components/frame/page-header.tsx";
import { LateMark } from "../components/values/late-mark.tsx";
import { ProgressDetail } from "../components/values/progress-bar.tsx";
import { listRunActions } from "../components/actions/run-actions.ts";
import { StateBadge } from "../components/values/state-badge.tsx";
import { Duration, Elapsed, Instant, RelativeTime } from "../components/values/time.tsx";
import { useRole } from "../queries/session.ts";
import { CompareLink } from "./compare/compare-link.tsx";
import { formatWindow } from "./format-window.ts";
import { MemberStates } from "./member-states.tsx";
import type { LiveRun } from "./run-model.ts";
import { useLiveRun, useRunLive } from "./use-run.ts";
import { RunLink } from "../components/values/run-link.tsx";

/** Actions shown as buttons; the others are behind the dots. */
const shownActions = 2;

/** Live: state and counts come from messages, the rest from the newest answer. */
export function RunHeader(): ReactElement {
  const { detail, store, runId } = useRunLive();
  const live = useLiveRun(store, runId);
  const role = useRole();
  const state = live?.state ?? detail.state;
  const actions = listRunActions({ ...detail, state }, detail.actions, role);
  return (
    <PageHeader
      title={detail.job_name}
      above={<Origin detail={detail} />}
      beside={
        <>
          <span className="run-id number">{runId}</span>
          <span role="status">
            <StateBadge state={state} reason={live === undefined ? detail.reason : live.reason} />
          </span>
          {isTerminal(state) ? null : <LateMark since={detail.late_since} />}
        </>
      }
      actions={
        <>
          {actions.slice(0, shownActions).map((action, index) => (
            <ActionButton
              key={action.label}
              action={action}
              look={index === 0 && action.isDanger !== true ? "primary" : "normal"}
            />
          ))}
          <CompareLink run={detail} />
          <ActionMenu label={`More actions of ${runId}`} actions={actions.slice(shownActions)} />
        </>
      }
    >
      <RunFacts detail={detail} live={live} />
      {detail.children === null ? null : <MemberStates counts={detail.children} runId={runId} />}
      {state === "RUNNING" && live?.progress !== null && live?.progress !== undefined ? (
        <ProgressDetail progress={live.progress} label={`Progress of ${detail.job_name}`} />
      ) : null}
    </PageHeader>
  );
}

function Origin({ detail }: { readonly detail: RunDetail }): ReactElement {
  const { parent_run_id: parent, root_run_id: root, job_name: name } = detail;
  return (
    <nav aria-label="Where this run belongs" className="crumbs">
      <Link to="/runs">Runs</Link>
      <span aria-hidden="true">/</span>
      {parent === null ? (
        <Link to="/jobs/$jobName" params={{ jobName: name }}>
          {detail.kind === "pipeline" ? "Pipeline" : "Job"} {name}
        </Link>
      ) : (
        <>
          {root === parent ? null : (
            <>
              <RunLink runId={root} />
              <span aria-hidden="true">/</span>
            </>
          )}
          <Link to="/runs/$runId" params={{ runId: parent }}>
            Pipeline run {parent}
          </Link>
        </>
      )}
    </nav>
  );
}

function RunFacts({ detail, live }: { readonly detail: RunDetail; readonly live: LiveRun | undefined }): ReactElement {
  const state = live?.state ?? detail.state;
  const startedAt = findStart(detail, live);
  const finishedAt = live?.finished_at ?? detail.finished_at;
  const worker = live?.worker ?? detail.worker ?? detail.attempts.at(-1)?.worker ?? null;
  const dueAt = live?.due_at ?? detail.due_at;
  const attempt = live?.attempt ?? detail.attempt;
  return (
    <dl className="run-facts">
      {attempt === 0 ? null : <Fact name="Attempt">{formatCount(attempt)}</Fact>}
      {worker === null ? null : <Fact name="Worker">{worker}</Fact>}
      {startedAt === null ? (
        <Fact name="Created">
          <RelativeTime at={detail.created_at} />
        </Fact>
      ) : (
        <Fact name="Started">
          <Instant at={startedAt} />
        </Fact>
      )}
      {startedAt === null || (!isTerminal(state) && state !== "RUNNING") ? null : (
        <Fact name={isTerminal(state) ? "Took" : "Runs for"}>
          {detail.duration_ms !== null && isTerminal(state) && finishedAt === detail.finished_at ? (
            <Duration ms={detail.duration_ms} />
          ) : (
            <Elapsed from={startedAt} to={isTerminal(state) ? finishedAt : null} />
          )}
        </Fact>
      )}
      {state === "PENDING" && dueAt !== null ? (
        <Fact name="Due">
          <RelativeTime at={dueAt} />
        </Fact>
      ) : null}
      {detail.window === null ? null : <Fact name="Window">{formatWindow(detail.window)}</Fact>}
      {detail.tenant === "default" ? null : <Fact name="Tenant">{detail.tenant}</Fact>}
      <Fact name="By">{detail.created_by}</Fact>
    </dl>
  );
}

// The first attempt of a job may have begun since the answer came. A pipeline has attempts of its own only to sum up at its end.
function findStart({ kind, started_at: startedAt }: RunDetail, live: LiveRun | undefined): string | null {
  return startedAt ?? (kind === "job" ? (live?.spans[0]?.started_at ?? null) : null);
}
