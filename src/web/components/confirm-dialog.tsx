// Asks before something is done: what will happen, an optional reason, and the typed name where it cannot be taken back.
import { useId, useState, type FormEvent, type ReactElement } from "react";
import type { Action, Confirmation } from "./action.ts";
import { Dialog } from "./dialog.tsx";
import { ErrorState } from "./error-state.tsx";
import { Icon } from "./icon.tsx";
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
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const toast = useToast();
  const id = useId();
  const isReady = !isBusy && (confirm.typedName === undefined || typed === confirm.typedName);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!isReady) return;
    setBusy(true);
    setError(undefined);
    try {
      const text = await action.run(reason.trim() === "" ? {} : { reason: reason.trim() });
      toast({ tone: "good", text });
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Dialog isOpen title={confirm.title} onClose={onClose}>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <div>{confirm.text}</div>
        {confirm.hasReason === false ? null : (
          <div className="field">
            <label htmlFor={`${id}-reason`}>Reason (kept in the history)</label>
            <input
              id={`${id}-reason`}
              value={reason}
              maxLength={500}
              autoFocus={confirm.typedName === undefined}
              onChange={(event) => setReason(event.target.value)}
            />
          </div>
        )}
        {confirm.typedName === undefined ? null : (
          <div className="field">
            <label htmlFor={`${id}-name`}>
              Type <code>{confirm.typedName}</code> to go on
            </label>
            <input
              id={`${id}-name`}
              value={typed}
              autoFocus
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => setTyped(event.target.value)}
            />
          </div>
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
