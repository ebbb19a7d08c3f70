// Sets a watermark: the value, a reason, a preview of which runs and datasets it concerns, and only then the change.
import { useId, useState, type ReactElement } from "react";
import { type Watermark, type WatermarkChange } from "../../api/state.ts";
import { Dialog } from "../components/actions/dialog.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { Instant } from "../components/values/time.tsx";
import { useToast } from "../components/actions/toast.tsx";
import { call } from "../queries/api-client.ts";
import { ChangeButtons } from "./change-buttons.tsx";
import { ReasonField } from "./reason-field.tsx";
import { usePreviewedChange } from "./use-previewed-change.ts";
import { RunLink } from "../components/values/run-link.tsx";

export interface WatermarkDialogProps {
  readonly jobName: string;
  /** Follows the server while the dialog is open. */
  readonly watermark: Watermark;
  readonly wanted: string | number;
  readonly onClose: () => void;
  readonly onChanged: () => void;
}

/** Open while it is mounted. */
export function WatermarkDialog(props: WatermarkDialogProps): ReactElement {
  const { jobName, watermark, wanted, onClose, onChanged } = props;
  const [seen, setSeen] = useState(watermark);
  const [text, setText] = useState(String(wanted));
  const [reason, setReason] = useState("");
  const toast = useToast();
  const id = useId();
  const { value, problem } = readValue(text, seen.value);
  const change = usePreviewedChange<WatermarkChange>(
    (preview) =>
      call("putWatermark", {
        params: { job_name: jobName },
        body: { ...versionOf(seen), value, reason: reason.trim() || "preview", preview },
      }),
    onChanged,
  );
  // Another state of the run is refused in the same way; then the versions are the same, and the refusal says it all.
  const hasConflict = change.isConflict && watermark.version !== seen.version;
  const apply = async (): Promise<void> => {
    if (!(await change.apply())) return;
    toast({ tone: "good", text: `${seen.name} of ${jobName} is ${text} now` });
    onChanged();
    onClose();
  };
  return (
    <Dialog isOpen title={`Set ${seen.name} of ${jobName}`} onClose={onClose} size="large">
      <form className="form" onSubmit={(event) => event.preventDefault()}>
        <div className="field">
          <label htmlFor={`${id}-value`}>
            Value (now <code>{String(seen.value)}</code>)
          </label>
          <input
            id={`${id}-value`}
            value={text}
            autoFocus
            spellCheck={false}
            onChange={(event) => {
              setText(event.target.value);
              change.forget();
            }}
          />
        </div>
        <ReasonField label="Reason (required, kept in the history)" value={reason} onChange={setReason} />
        {hasConflict ? (
          <Conflict seen={seen} newest={watermark} onAccept={() => (setSeen(watermark), change.forget())} />
        ) : change.error === null ? null : (
          <ErrorState error={change.error} />
        )}
        {change.preview === null ? null : <Preview change={change.preview} />}
        <ChangeButtons {...{ change, hasConflict, problem, reason, onClose }} onApply={() => void apply()} />
      </form>
    </Dialog>
  );
}

function Preview({ change }: { readonly change: WatermarkChange }): ReactElement {
  const { direction, before, after, affected_runs: runs, affected_datasets: datasets } = change;
  return (
    <section className="preview" aria-label="What would happen" aria-live="polite">
      <p className="preview-head" data-tone={direction === "none" ? "neutral" : "warn"}>
        {direction === "rewind" ? "Rewind: what was read after it is read again. " : null}
        {direction === "skip" ? "Skip: what lies between is never read. " : null}
        {direction === "none" ? "Nothing changes. " : null}
        <code>{String(before)}</code> → <code>{String(after)}</code>
      </p>
      <p>
        {runs.length === 0
          ? "No run moved it over this range."
          : `${runs.length}${runs.length === 50 ? " or more" : ""} runs moved it over this range:`}
      </p>
      {runs.length === 0 ? null : (
        <ul className="preview-runs">
          {runs.map((run) => (
            <li key={run.run_id}>
              <RunLink runId={run.run_id} /> <code>{run.from === null ? "the begin" : String(run.from)}</code> →{" "}
              <code>{String(run.to)}</code>{" "}
              <span className="muted">
                <Instant at={run.at} precision="minute" />
              </span>
            </li>
          ))}
        </ul>
      )}
      {datasets.length === 0 ? null : <p>Datasets concerned: {datasets.join(", ")}</p>}
    </section>
  );
}

interface ConflictProps {
  readonly seen: Watermark;
  readonly newest: Watermark;
  readonly onAccept: () => void;
}

function Conflict({ seen, newest, onAccept }: ConflictProps): ReactElement {
  const since = newest.history.filter((entry) => entry.version > seen.version);
  return (
    <section className="conflict" role="alert">
      <p>
        <strong>It changed while you looked.</strong> You saw version {seen.version}, <code>{String(seen.value)}</code>;
        now it is version {newest.version}, <code>{String(newest.value)}</code>. Nothing was applied.
      </p>
      <ul>
        {since.map((entry) => (
          <li key={entry.version}>
            <code>{String(entry.value)}</code> by {entry.run_id ?? entry.by ?? "unknown"}
            {entry.reason === null ? null : `: ${entry.reason}`}
          </li>
        ))}
      </ul>
      <button type="button" className="button" disabled={newest.version === seen.version} onClick={onAccept}>
        Go on from version {newest.version}
      </button>
    </section>
  );
}

// A watermark keeps its type.
function readValue(
  text: string,
  before: string | number,
): { readonly value: string | number; readonly problem: string | null } {
  if (text.trim() === "") return { value: text, problem: "a value is required" };
  if (typeof before === "string") return { value: text, problem: null };
  const value = Number(text);
  return { value, problem: Number.isFinite(value) ? null : "expected a number" };
}

function versionOf({ name, tenant, version }: Watermark): Pick<Watermark, "name" | "tenant" | "version"> {
  return { name, tenant, version };
}
