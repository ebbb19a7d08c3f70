// Edits a checkpoint as JSON: preview of what differs, a reason, and only then the change.
import { useId, useState, type ReactElement } from "react";
import { type Checkpoint, type CheckpointChange } from "../../api/state.ts";
import { Dialog } from "../components/actions/dialog.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { useToast } from "../components/actions/toast.tsx";
import { call } from "../queries/api-client.ts";
import { ChangeButtons } from "./change-buttons.tsx";
import { diffJson, parseJson } from "./diff-json.ts";
import { DifferenceTable } from "./difference-table.tsx";
import { ReasonField } from "./reason-field.tsx";
import { usePreviewedChange } from "./use-previewed-change.ts";

export interface CheckpointDialogProps {
  readonly jobName: string;
  /** Follows the server while the dialog is open. */
  readonly checkpoint: Checkpoint;
  readonly onClose: () => void;
  readonly onChanged: () => void;
}

/** Open while it is mounted. */
export function CheckpointDialog({ jobName, checkpoint, onClose, onChanged }: CheckpointDialogProps): ReactElement {
  const [seen, setSeen] = useState(checkpoint);
  const [text, setText] = useState(() => JSON.stringify(newestReadable(checkpoint), null, 2));
  const [reason, setReason] = useState("");
  const toast = useToast();
  const id = useId();
  const { value, error: problem } = parseJson(text);
  const change = usePreviewedChange<CheckpointChange>(
    (preview) =>
      call("putCheckpoint", {
        params: { job_name: jobName },
        body: { ...baseOf(seen), data: value, reason: reason.trim() || "preview", preview },
      }),
    onChanged,
  );
  // Another state of the run is refused in the same way; then the versions are the same, and the refusal says it all.
  const hasConflict = change.isConflict && versionOf(checkpoint) !== versionOf(seen);
  const apply = async (): Promise<void> => {
    if (!(await change.apply())) return;
    toast({ tone: "good", text: `the checkpoint of ${seen.run_id} was replaced` });
    onChanged();
    onClose();
  };
  return (
    <Dialog isOpen title={`Checkpoint of ${seen.run_id}`} onClose={onClose} size="large">
      <form className="form" onSubmit={(event) => event.preventDefault()}>
        <div className="field">
          <label htmlFor={`${id}-data`}>Data as JSON, for the next attempt</label>
          <textarea
            id={`${id}-data`}
            className="code-input"
            rows={12}
            spellCheck={false}
            value={text}
            aria-invalid={problem !== null}
            onChange={(event) => {
              setText(event.target.value);
              change.forget();
            }}
          />
        </div>
        <ReasonField label="Reason (required, kept in the history)" value={reason} onChange={setReason} />
        {hasConflict ? (
          <Conflict seen={seen} newest={checkpoint} onAccept={() => (setSeen(checkpoint), change.forget())} />
        ) : change.error === null ? null : (
          <ErrorState error={change.error} />
        )}
        {change.preview === null ? null : (
          <section className="preview" aria-label="Preview" aria-live="polite">
            <DifferenceTable label="What would change" differences={change.preview.differences} />
          </section>
        )}
        <ChangeButtons {...{ change, hasConflict, problem, reason, onClose }} onApply={() => void apply()} />
      </form>
    </Dialog>
  );
}

interface ConflictProps {
  readonly seen: Checkpoint;
  readonly newest: Checkpoint;
  readonly onAccept: () => void;
}

function Conflict({ seen, newest, onAccept }: ConflictProps): ReactElement {
  return (
    <section className="conflict" role="alert">
      <p>
        <strong>It changed while you looked.</strong> You saw version {versionOf(seen)}; now it is version{" "}
        {versionOf(newest)}. Nothing was applied. This changed meanwhile:
      </p>
      <DifferenceTable label="Changed meanwhile" differences={diffJson(newestReadable(seen), newestReadable(newest))} />
      <button type="button" className="button" disabled={versionOf(newest) === versionOf(seen)} onClick={onAccept}>
        Go on from version {versionOf(newest)}
      </button>
    </section>
  );
}

function baseOf(seen: Checkpoint): { readonly run_id: string; readonly version: number } {
  return { run_id: seen.run_id, version: versionOf(seen) };
}

function versionOf(checkpoint: Checkpoint): number {
  return checkpoint.versions[0]?.version ?? 0;
}

function newestReadable(checkpoint: Checkpoint): Checkpoint["versions"][number]["data"] {
  return checkpoint.versions.find((entry) => entry.readable)?.data ?? null;
}
