// Has a record handled again with another value: the JSON as text, which goes only when it is JSON.
import { useId, useState, type ReactElement } from "react";
import type { JsonValue } from "../../api/page.ts";
import type { DeadLetterDetail } from "../../api/streams/dead-letter.ts";
import { Dialog } from "../components/actions/dialog.tsx";
import { useToast } from "../components/actions/toast.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { Icon } from "../components/values/icon.tsx";
import { ReasonField } from "../state/reason-field.tsx";
import { retryEdited } from "./dead-letter-actions.ts";
import "./streams.css";

export interface EditButtonProps {
  readonly detail: DeadLetterDetail;
  readonly onDone: () => void;
}

export function EditButton({ detail, onDone }: EditButtonProps): ReactElement {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen(true)}>
        Edit and retry…
      </button>
      {isOpen ? <EditDialog detail={detail} onDone={onDone} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function EditDialog({ detail, onDone, onClose }: EditButtonProps & { readonly onClose: () => void }): ReactElement {
  const [text, setText] = useState(() => toText(detail));
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>();
  const toast = useToast();
  const id = useId();
  const { value, problem } = parse(text);
  const send = async (): Promise<void> => {
    if (value === undefined) return;
    try {
      await retryEdited(detail.id, value, reason.trim());
      onDone();
      onClose();
      toast({ tone: "good", text: `${detail.group} handles the record with the new value` });
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Dialog isOpen title={`Edit dead letter ${detail.id}`} size="large" onClose={onClose}>
      <form className="form" onSubmit={(event) => event.preventDefault()}>
        <div className="field">
          <label htmlFor={`${id}-value`}>Value, as JSON. Key and headers stay as they are.</label>
          <textarea
            id={`${id}-value`}
            className="record-edit"
            value={text}
            spellCheck={false}
            aria-describedby={`${id}-problem`}
            onChange={(event) => setText(event.target.value)}
          />
          <p id={`${id}-problem`} className="muted" aria-live="polite">
            {problem}
          </p>
        </div>
        <ReasonField label="Reason (kept in the audit)" value={reason} onChange={setReason} />
        {error === undefined ? null : <ErrorState error={error} />}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="button button-primary"
            disabled={value === undefined}
            onClick={() => void send()}
          >
            <Icon name="retry" /> Retry with this value
          </button>
        </div>
      </form>
    </Dialog>
  );
}

// What is cut or no text cannot be corrected here; a new value is written in its place.
function toText({ value }: DeadLetterDetail): string {
  if (value.encoding === "json") return JSON.stringify(value.json, undefined, 2);
  return value.encoding === "text" && !value.truncated ? (value.text ?? "") : "";
}

function parse(text: string): { readonly value?: JsonValue; readonly problem: string } {
  try {
    return { value: JSON.parse(text) as JsonValue, problem: "" };
  } catch (error) {
    return { problem: text.trim() === "" ? "a value is required" : (error as Error).message };
  }
}
