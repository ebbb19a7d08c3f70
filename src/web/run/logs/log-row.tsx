// One line of a log: time, level as shape and word, job, message with the search marked. Whatever the message holds is text, but for addresses
// of the web, which can be followed.
import { Fragment, memo, type ReactElement } from "react";
import type { LogLine } from "../../../api/run.ts";
import { markMatches } from "./log-window.ts";
import { splitLinks } from "./split-links.ts";

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
        {splitLinks(shortenMessage(message)).map(({ text, isLink }, index) =>
          isLink ? (
            <a key={index} href={text} target="_blank" rel="noreferrer">
              <Marked text={text} search={search} />
            </a>
          ) : (
            <Marked key={index} text={text} search={search} />
          ),
        )}
        {fields === null ? null : <span className="log-fields"> {JSON.stringify(fields).slice(0, maxCharacters)}</span>}
      </span>
    </div>
  );
});

function Marked({ text, search }: { readonly text: string; readonly search: string }): ReactElement {
  return (
    <>
      {markMatches(text, search).map((part, index) =>
        part.isMatch ? <mark key={index}>{part.text}</mark> : <Fragment key={index}>{part.text}</Fragment>,
      )}
    </>
  );
}

function shortenMessage(message: string): string {
  return message.length <= maxCharacters
    ? message
    : `${message.slice(0, maxCharacters)}… (${message.length} characters)`;
}
