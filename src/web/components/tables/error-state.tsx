// Shows that the server refused or does not answer: the detail, what to do, and a button to try again.
import type { ReactElement } from "react";
import { MillraceError } from "../../../core/errors/errors.ts";
import { refusalOf } from "../../../client/refusal.ts";
import { Icon } from "../values/icon.tsx";
import { MessageText } from "./message-text.tsx";

/** Shows any error; those of the server with code, hint and the id to look for in its log. */
export function ErrorState({ error, retry }: { readonly error: unknown; readonly retry?: () => void }): ReactElement {
  const refusal = refusalOf(error);
  const known = error instanceof MillraceError ? error : undefined;
  return (
    <div className="error-state" role="alert">
      <Icon name="warning" size={24} />
      <div>
        <p className="error-title">
          <MessageText text={error instanceof Error ? error.message : String(error)} />
        </p>
        {known?.hint === undefined ? null : (
          <p>
            <MessageText text={known.hint} />
          </p>
        )}
        {refusal === undefined || refusal.issues.length === 0 ? null : (
          <ul>
            {refusal.issues.map(({ path, message }) => (
              <li key={path}>
                <code>{path}</code> <MessageText text={message} />
              </li>
            ))}
          </ul>
        )}
        {known === undefined ? null : (
          <p className="muted">
            <code>{refusal?.code ?? known.code}</code>
            {refusal?.requestId === undefined ? null : <> · request {refusal.requestId}</>}
          </p>
        )}
        {retry === undefined ? null : (
          <button type="button" className="button" onClick={retry}>
            <Icon name="retry" /> Try again
          </button>
        )}
      </div>
    </div>
  );
}
