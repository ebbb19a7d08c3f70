// The past and the next hours: zoom and move over what was loaded, as a picture or, for readers, as a list.
import { useMemo, useState, type ReactElement } from "react";
import type { Timeline as TimelineAnswer } from "../../api/control.ts";
import { Icon } from "../components/values/icon.tsx";
import { useServerNow } from "../queries/server-clock.ts";
import { TimelineList } from "./timeline-list.tsx";
import { TimelinePicture } from "./timeline-picture.tsx";
import { moveRange, zoomRange, type TimeRange } from "./timeline-scale.ts";

const fewRows = 8;

/** Zoom and move stay within what was loaded. */
export function Timeline({ timeline }: { readonly timeline: TimelineAnswer }): ReactElement {
  const limits = useMemo(
    () => ({ fromMs: Date.parse(timeline.from), toMs: Date.parse(timeline.to) }),
    [timeline.from, timeline.to],
  );
  const [chosen, setChosen] = useState<TimeRange>();
  const [isList, setList] = useState(false);
  const [isAll, setAll] = useState(false);
  const nowMs = useServerNow();
  // Minutes are enough for a picture of hours.
  const shownNowMs = Math.floor(nowMs / 60_000) * 60_000;
  const range = chosen === undefined ? limits : moveRange(chosen, 0, limits);
  const names = useMemo(() => namesByNewest(timeline), [timeline]);
  const shown = isAll ? names : names.slice(0, fewRows);
  const zoom = (factor: number): void => setChosen(zoomRange(range, factor, Math.min(shownNowMs, range.toMs), limits));
  return (
    <section className="section" aria-labelledby="timeline-title">
      <div className="section-head">
        <h2 id="timeline-title">Past and next 12 hours</h2>
        <div className="button-group" role="group" aria-label="Timeline">
          <TimelineButton
            label="Earlier"
            icon="chevron"
            isFlipped
            onPress={() => setChosen(moveRange(range, -0.5, limits))}
          />
          <TimelineButton label="Later" icon="chevron" onPress={() => setChosen(moveRange(range, 0.5, limits))} />
          <TimelineButton label="Zoom in" icon="plus" onPress={() => zoom(0.5)} />
          <TimelineButton label="Zoom out" icon="minus" onPress={() => zoom(2)} />
          <button type="button" className="button button-quiet" aria-pressed={isList} onClick={() => setList(!isList)}>
            {isList ? "As a picture" : "As a list"}
          </button>
        </div>
        {timeline.truncated ? <span className="muted">only the newest 2,000 runs</span> : null}
      </div>
      {isList ? (
        <TimelineList timeline={timeline} />
      ) : (
        <>
          <TimelinePicture timeline={timeline} names={shown} range={range} nowMs={shownNowMs} />
          {names.length > fewRows ? (
            <button type="button" className="button button-quiet" onClick={() => setAll(!isAll)}>
              {isAll ? "Show fewer jobs" : `Show all ${names.length} jobs`}
            </button>
          ) : null}
        </>
      )}
    </section>
  );
}

function TimelineButton({ label, icon, isFlipped = false, onPress }: TimelineButtonProps): ReactElement {
  return (
    <button
      type="button"
      className={`button button-quiet button-square${isFlipped ? " flipped" : ""}`}
      aria-label={label}
      title={label}
      onClick={onPress}
    >
      <Icon name={icon} />
    </button>
  );
}

interface TimelineButtonProps {
  readonly label: string;
  readonly icon: "chevron" | "plus" | "minus";
  readonly isFlipped?: boolean;
  readonly onPress: () => void;
}

/** Those that ran last come first, then those that will run first. */
function namesByNewest({ bars, fires }: TimelineAnswer): readonly string[] {
  const newestAtMs = new Map<string, number>();
  for (const { job_name: name, from } of bars) {
    newestAtMs.set(name, Math.max(newestAtMs.get(name) ?? 0, Date.parse(from)));
  }
  const ran = [...newestAtMs].toSorted(([, a], [, b]) => b - a).map(([name]) => name);
  const due = fires.map(({ job_name: name }) => name).filter((name) => !newestAtMs.has(name));
  return [...ran, ...new Set(due)];
}
