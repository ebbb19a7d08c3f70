// Asks before something is done: what will happen, an optional reason, and the typed name where it cannot be taken back.
import { useId, useState, type FormEvent, type ReactElement, type ReactNode } from "react";
import type { Action, Confirmation } from "./action.ts";
import { Dialog } from "./dialog.tsx";
import { ErrorState } from "../tables/error-state.tsx";
import { Icon } from "../values/icon.tsx";
import { useToast } from "./toast.tsx";

export interface ConfirmDialogProps {
  readonly action: Action;
  readonly confirm: Confirmation;
  readonly onClose: () => void;
}

/** Open while it is mounted. A refusal is shown in it, so that nothing typed is lost. */
export function ConfirmDialog({ action, confirm, onClose }: ConfirmDialogProps): ReactElement {
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const { submit, error, isBusy } = useSubmit(action, reason, onClose);
  const isReady = !isBusy && (confirm.typedName === undefined || typed === confirm.typedName);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (isReady) void submit();
  };
  return (
    <Dialog isOpen title={confirm.title} onClose={onClose}>
      <form className="form" onSubmit={onSubmit}>
        <div>{confirm.text}</div>
        {confirm.hasReason === false ? null : (
          <Field
            label="Reason (kept in the history)"
            value={reason}
            onChange={setReason}
            isFirst={confirm.typedName === undefined}
          />
        )}
        {confirm.typedName === undefined ? null : (
          <Field
            label={
              <>
                Type <code>{confirm.typedName}</code> to go on
              </>
            }
            value={typed}
            onChange={setTyped}
            isFirst
          />
        )}
        {error === undefined ? null : <ErrorState error={error} />}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className={`button ${action.isDanger === true ? "button-danger" : "button-primary"}`}
            disabled={!isReady}
          >
            <Icon name={action.icon} /> {action.label}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface FieldProps {
  readonly label: ReactNode;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Where typing begins. */
  readonly isFirst: boolean;
}

function Field({ label, value, onChange, isFirst }: FieldProps): ReactElement {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        value={value}
        maxLength={500}
        {...(isFirst ? { "data-first": true } : {})}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}

interface Submission {
  readonly submit: () => Promise<void>;
  readonly error: unknown;
  readonly isBusy: boolean;
}

function useSubmit(action: Action, reason: string, onDone: () => void): Submission {
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const toast = useToast();
  const submit = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      const text = await action.run(reason.trim() === "" ? {} : { reason: reason.trim() });
      toast({ tone: "good", text });
      onDone();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return { submit, error, isBusy };
}
