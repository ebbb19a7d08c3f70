// The schedule of one job: its rules, the fires to come and the fires that were, with what became of them.
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, type ReactElement } from "react";
import "./calendar.css";
import type { ScheduleView, TriggerView } from "../../api/schedule.ts";
import { ActionButton } from "../components/actions/action-button.tsx";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { Fact } from "../components/values/fact.tsx";
import { Icon } from "../components/values/icon.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { Instant, Nothing, RelativeTime } from "../components/values/time.tsx";
import { useServerNow } from "../queries/server-clock.ts";
import { useRole } from "../queries/session.ts";
import { keyOf, useApi, useApiList } from "../queries/use-api.ts";
import { AwaitedTable, FireCause, Looks, NextFire } from "./awaited.tsx";
import { describeMissed, describeOverlap } from "./describe-policy.ts";
import { explainDst } from "./explain-dst.ts";
import { describeDecision, DstFlag } from "./fire-mark.tsx";
import { toScheduleAction } from "./schedule-actions.ts";
import { RunLink } from "../components/values/run-link.tsx";

/** For a job without a schedule it says how to get one. */
export function JobSchedule({ jobName }: { readonly jobName: string }): ReactElement {
  const { data, error, refetch } = useApi("listSchedules", {});
  if (error !== null && data === undefined) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={6} label="Loading the schedule" />;
  const schedule = data.items.find((item) => item.job_name === jobName);
  if (schedule === undefined) {
    return (
      <EmptyState title={`${jobName} has no schedule`} icon="calendar" commands={[`millrace start ${jobName}`]}>
        It runs when somebody starts it. Give it a <code>schedule</code> in its definition, such as{" "}
        <code>{'{ every: "4h" }'}</code> or <code>{'{ after: ["orders"] }'}</code>.
      </EmptyState>
    );
  }
  return (
    <div className="job-schedule">
      <Rules schedule={schedule} />
      {schedule.trigger === null ? <ComingFires jobName={jobName} /> : <Awaited trigger={schedule.trigger} />}
      <PastFires jobName={jobName} />
    </div>
  );
}

function Rules({ schedule }: { readonly schedule: ScheduleView }): ReactElement {
  const client = useQueryClient();
  const refresh = (): void => {
    for (const name of ["listSchedules", "showJob", "showCalendar"] as const)
      void client.invalidateQueries({ queryKey: keyOf(name) });
  };
  return (
    <section className="card" aria-labelledby="rules-title">
      <header className="card-head">
        <h2 id="rules-title">
          <code>{schedule.timing}</code>
        </h2>
        <div className="card-actions">
          <Link to="/schedules" search={{ view: "month", job: schedule.job_name }} className="button">
            <Icon name="calendar" /> Calendar
          </Link>
          <ActionButton action={toScheduleAction(schedule, useRole(), refresh)} />
        </div>
      </header>
      <dl className="facts">
        <Fact name="Next">
          <NextFire schedule={schedule} />
        </Fact>
        {schedule.missed === null ? null : <Fact name="Missed fires">{describeMissed(schedule.missed)}</Fact>}
        <Fact name="Overlap">{describeOverlap(schedule.overlap)}</Fact>
        {schedule.trigger === null ? null : (
          <Fact name="Looks">
            <Looks trigger={schedule.trigger} />
          </Fact>
        )}
        <Fact name="After">{schedule.dependencies.length === 0 ? <Nothing /> : schedule.dependencies.join(", ")}</Fact>
      </dl>
    </section>
  );
}

function Awaited({ trigger }: { readonly trigger: TriggerView }): ReactElement {
  return (
    <section className="card" aria-labelledby="awaited-title">
      <h2 id="awaited-title">{trigger.any ? "Waits for one of these" : "Waits for"}</h2>
      <AwaitedTable trigger={trigger} />
    </section>
  );
}

function ComingFires({ jobName }: { readonly jobName: string }): ReactElement {
  const minuteMs = Math.floor(useServerNow() / 60_000) * 60_000;
  const query = useMemo(
    () => ({
      job: jobName,
      from: new Date(minuteMs).toISOString(),
      to: new Date(minuteMs + 30 * 86_400_000).toISOString(),
    }),
    [jobName, minuteMs],
  );
  const { data } = useApi("showCalendar", { query }, { keepPrevious: true });
  const fires = data?.fires.filter((fire) => fire.decision === null).slice(0, 12) ?? [];
  return (
    <section className="card" aria-labelledby="coming-title">
      <h2 id="coming-title">Next fires</h2>
      {data === undefined ? (
        <Skeleton lines={4} />
      ) : fires.length === 0 ? (
        <p className="muted">None in the next 30 days.</p>
      ) : (
        <ol className="coming-fires">
          {fires.map((fire) => {
            const dst = explainDst(fire);
            return (
              <li key={fire.at}>
                <Instant at={fire.at} precision="minute" />{" "}
                <span className="muted">
                  {fire.local} {fire.timezone}
                </span>{" "}
                <RelativeTime at={fire.at} /> {dst === null ? null : <DstFlag text={dst} />}
              </li>
            );
          })}
        </ol>
      )}
    </section>
  );
}

function PastFires({ jobName }: { readonly jobName: string }): ReactElement {
  const list = useApiList("listFires", { params: { job_name: jobName }, query: { limit: 50 } });
  return (
    <section className="card" aria-labelledby="past-title">
      <h2 id="past-title">Past fires</h2>
      {list.error !== null ? (
        <ErrorState error={list.error} retry={list.refetch} />
      ) : list.items.length === 0 ? (
        <p className="muted">{list.isPending ? "Loading…" : "It has not fired yet."}</p>
      ) : (
        <ol className="past-fires">
          {list.items.map((fire) => {
            const { label, icon, tone } = describeDecision(fire.decision);
            return (
              <li key={fire.fire_at}>
                <Instant at={fire.fire_at} precision="minute" />
                <span className="state state-plain" data-tone={tone}>
                  <Icon name={icon} size={14} /> {label}
                </span>
                {fire.run_id === null ? (
                  <span className="muted">
                    {fire.decision === "overlapped" ? "the run before was under way" : "no run was made"}
                  </span>
                ) : (
                  <span>
                    <RunLink runId={fire.run_id} /> {fire.cause === null ? null : <FireCause cause={fire.cause} />}
                  </span>
                )}
              </li>
            );
          })}
        </ol>
      )}
      {list.hasMore ? (
        <button type="button" className="button" onClick={list.loadMore}>
          {list.isLoadingMore ? "Loading more…" : "Load more"}
        </button>
      ) : null}
    </section>
  );
}
