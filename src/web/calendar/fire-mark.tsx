// A fire, or the fires of one job on one day, as a mark with words: what became of it, and whether a change of the clock
// touches it.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { type TimeZone } from "../../core/schedule/time-zone.ts";
import { Icon, type IconName } from "../components/values/icon.tsx";
import { type Tone } from "../components/values/state-appearance.ts";
import { explainDst } from "./explain-dst.ts";
import { clockAt, describeClocks } from "./fire-clock.ts";
import { type CalendarFire, type JobFires } from "./place-fires.ts";

/** The look of what became of a fire; one that is to come has none yet. */
export function describeDecision(decision: CalendarFire["decision"]): { label: string; icon: IconName; tone: Tone } {
  switch (decision) {
    case "run":
      return { label: "ran", icon: "check", tone: "good" };
    case "missed":
      return { label: "missed", icon: "slash", tone: "warn" };
    case "overlapped":
      return { label: "overlapped", icon: "overlap", tone: "neutral" };
    case "filled":
      return { label: "filled", icon: "check", tone: "neutral" };
    case null:
      return { label: "to come", icon: "clock", tone: "waiting" };
  }
}

export interface FireMarkProps {
  readonly fire: CalendarFire;
  /** The clock of the calendar. */
  readonly zone: TimeZone;
}

/** One fire with its time by the calendar's clock; it leads to its run, or to the job. */
export function FireMark({ fire, zone }: FireMarkProps): ReactElement {
  const { label, icon, tone } = describeDecision(fire.decision);
  const dst = explainDst(fire);
  const content = (
    <>
      <Icon name={icon} size={12} />
      <span className="number">{clockAt(Date.parse(fire.at), zone)}</span>
      <span className="fire-job">{fire.job_name}</span>
      <span className="only-read">, {label}</span>
    </>
  );
  return (
    <span className="fire" data-tone={tone} title={`${fire.job_name} · ${describeClocks(fire, zone)} · ${label}`}>
      {fire.run_id === null ? (
        <Link to="/jobs/$jobName" params={{ jobName: fire.job_name }} search={{ tab: "schedule" }}>
          {content}
        </Link>
      ) : (
        <Link to="/runs/$runId" params={{ runId: fire.run_id }}>
          {content}
        </Link>
      )}
      {dst === null ? null : <DstFlag text={dst} />}
    </span>
  );
}

export interface JobFiresMarkProps {
  readonly group: JobFires;
  readonly zone: TimeZone;
}

/** All fires of a job on a day in one line: how many there are, and what went wrong. */
export function JobFiresMark({ group, zone }: JobFiresMarkProps): ReactElement | null {
  const [first] = group.fires;
  if (first === undefined) return null;
  if (group.fires.length === 1) return <FireMark fire={first} zone={zone} />;
  const last = group.fires.at(-1) ?? first;
  const trouble = [countText(group.missed, "missed"), countText(group.overlapped, "overlapped")].filter(
    (text) => text !== "",
  );
  const tone: Tone = group.missed > 0 ? "warn" : last.decision === null ? "waiting" : "good";
  const dst = group.fires.map(explainDst).find((text) => text !== null) ?? null;
  return (
    <span
      className="fire"
      data-tone={tone}
      title={`${group.jobName}: ${describeClocks(first, zone)} to ${describeClocks(last, zone)}`}
    >
      <Link to="/jobs/$jobName" params={{ jobName: group.jobName }} search={{ tab: "schedule" }}>
        <Icon name={group.missed > 0 ? "slash" : last.decision === null ? "clock" : "check"} size={12} />
        <span className="number">{group.fires.length}×</span>
        <span className="fire-job">{group.jobName}</span>
        {trouble.length === 0 ? null : <span className="fire-trouble">{trouble.join(", ")}</span>}
      </Link>
      {dst === null ? null : <DstFlag text={dst} />}
    </span>
  );
}

/** The word DST with its sentence, to hover and to hear. */
export function DstFlag({ text }: { readonly text: string }): ReactElement {
  return (
    <span className="dst-flag" title={text}>
      <span aria-hidden="true">DST</span>
      <span className="only-read">{text}</span>
    </span>
  );
}

function countText(count: number, word: string): string {
  return count === 0 ? "" : `${count} ${word}`;
}
