// One line of a log: time, level as shape and word, job, message with the search marked. Whatever the message holds is text.
import { memo, type ReactElement } from "react";
import type { LogLine } from "../../../api/run.ts";
import { markMatches } from "./log-window.ts";

export interface LogRowProps {
  readonly line: LogLine;
  readonly search: string;
  readonly hasTime: boolean;
  /** Whether lines of several jobs are mixed. */
  readonly hasJob: boolean;
  /** The address points at it. */
  readonly isTarget: boolean;
  /** Makes the address point at it. */
  readonly onPick?: (line: LogLine) => void;
}

/** Longer messages are cut on the screen; the download has them whole. */
const maxCharacters = 4_000;

export const LogRow: React.NamedExoticComponent<LogRowProps> = memo(function LogRow({
  line,
  search,
  hasTime,
  hasJob,
  isTarget,
  onPick,
}: LogRowProps): ReactElement {
  const { at, level, message, fields, job_name: job } = line;
  const clock = at.slice(11, 23);
  return (
    <div className="log-row" data-level={level} data-target={isTarget}>
      {onPick === undefined ? (
        hasTime && <span className="log-time">{clock}</span>
      ) : (
        <button
          type="button"
          className="log-time"
          title={`${at} · link to this line`}
          aria-label={`Link to the line of ${clock}`}
          onClick={() => onPick(line)}
        >
          {hasTime ? clock : "#"}
        </button>
      )}
      <span className="log-level">{level}</span>
      {hasJob ? <span className="log-job">{job}</span> : null}
      <span className="log-message">
        {markMatches(shortenMessage(message), search).map(({ text, isMatch }, index) =>
          isMatch ? <mark key={index}>{text}</mark> : text,
        )}
        {fields === null ? null : <span className="log-fields"> {JSON.stringify(fields).slice(0, maxCharacters)}</span>}
      </span>
    </div>
  );
});

function shortenMessage(message: string): string {
  return message.length <= maxCharacters
    ? message
    : `${message.slice(0, maxCharacters)}… (${message.length} characters)`;
}
