// The error of a run: code, message, what to do, what was behind it, and where others of its kind are.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { RunError } from "../../api/run.ts";
import { Icon } from "../components/values/icon.tsx";
import { MessageText } from "../components/tables/message-text.tsx";
import { RichText } from "./rich-text.tsx";

export interface RunErrorBoxProps {
  readonly error: RunError;
  readonly jobName: string;
  /** Such as `Attempt 2 failed`; default `Error`. */
  readonly title?: string;
}

export function RunErrorBox({ error, jobName, title = "Error" }: RunErrorBoxProps): ReactElement {
  const { code, message, hint, error_class: errorClass, causes, fingerprint } = error;
  return (
    <section className="run-error" aria-label={title}>
      <h2>
        <Icon name="cross" /> {title} <code>{code}</code>
        {errorClass === null ? null : <span className="muted"> {errorClass}</span>}
      </h2>
      <p className="run-error-message">
        <MessageText text={message} />
      </p>
      {hint === null ? null : (
        <p className="run-hint">
          <Icon name="info" />{" "}
          <span>
            <RichText text={hint} />
          </span>
        </p>
      )}
      {causes.length === 0 ? null : (
        <details>
          <summary>
            {causes.length} {causes.length === 1 ? "cause" : "causes"}
          </summary>
          <ol className="run-causes">
            {causes.map((cause, index) => (
              <li key={index}>{cause}</li>
            ))}
          </ol>
        </details>
      )}
      <p>
        <Link to="/failures" search={{ job: jobName }}>
          Other failures of this job
        </Link>{" "}
        ·{" "}
        <Link to="/runs" search={{ fingerprint }}>
          Runs with this error
        </Link>
      </p>
    </section>
  );
}
