// Says that something did not come in time: a clock, a colour and words, with since when.
import type { ReactElement } from "react";
import { Icon } from "./icon.tsx";
import { RelativeTime } from "./time.tsx";

export interface LateMarkProps {
  /** Since when it should have come; null for what is in time, which has no mark. */
  readonly since: string | null;
  /** What is said of it. Default `late`. */
  readonly word?: "late" | "stale";
  /** `plain` has no background, for dense tables; default `soft`. */
  readonly look?: "soft" | "plain";
}

/** For every place that shows a job, a run or a dataset. */
export function LateMark({ since, word = "late", look = "soft" }: LateMarkProps): ReactElement | null {
  if (since === null) return null;
  return (
    <span className={`state state-${look}`} data-tone="warn">
      <Icon name="clock" size={14} />
      <span>
        {word}
        {look === "plain" ? null : (
          <>
            , since <RelativeTime at={since} />
          </>
        )}
      </span>
    </span>
  );
}
