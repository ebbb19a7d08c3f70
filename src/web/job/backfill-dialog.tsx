// Runs the windows of a range that have no finished run: first the preview of exactly which, then the start.
import { useId, useState, type FormEvent, type ReactElement } from "react";
import { type BackfillRequest, type BackfillResult } from "../../api/job.ts";
import { Dialog } from "../components/actions/dialog.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { Icon } from "../components/values/icon.tsx";
import { useToast } from "../components/actions/toast.tsx";
import { call } from "../queries/api-client.ts";
import { toInstants, WindowFields, type WindowText } from "./start-dialog.tsx";
import { RunLink } from "../components/values/run-link.tsx";

interface BackfillDraft extends WindowText {
  readonly step: string;
  readonly parallelism: string;
}

export interface BackfillDialogProps {
  readonly jobName: string;
  readonly onClose: () => void;
}

/** Open while it is mounted. What was previewed no longer counts when a field changes. */
export function BackfillDialog({ jobName, onClose }: BackfillDialogProps): ReactElement {
  const [draft, setDraft] = useState<BackfillDraft>({ from: "", to: "", step: "", parallelism: "1" });
  const [answer, setAnswer] = useState<BackfillResult | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const toast = useToast();
  const isReady = draft.from !== "" && draft.to !== "" && draft.from < draft.to && !isBusy;
  const isStarted = answer !== null && answer.run_id !== null;
  const ask = async (isDryRun: boolean): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const result = await call("backfillJob", { params: { job_name: jobName }, body: toRequest(draft, isDryRun) });
      setAnswer(result);
      if (result.run_id !== null) toast({ tone: "good", text: `backfill of ${result.count} windows started` });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isReady && !isStarted) void ask(answer === null);
  };
  const edit = (part: Partial<BackfillDraft>): void => {
    setAnswer(null);
    setDraft((before) => ({ ...before, ...part }));
  };
  return (
    <Dialog isOpen title={`Backfill ${jobName}`} onClose={onClose} size="large">
      <form className="form" onSubmit={submit}>
        <WindowFields value={draft} problem={null} onChange={edit} />
        <PaceFields draft={draft} onChange={edit} />
        {error === null ? null : <ErrorState error={error} />}
        {answer === null ? null : <Windows answer={answer} />}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            {isStarted ? "Close" : "Cancel"}
          </button>
          {isStarted ? null : (
            <button type="submit" className="button button-primary" disabled={!isReady || answer?.count === 0}>
              <Icon name={answer === null ? "search" : "play"} />
              {answer === null ? "Preview" : `Run ${answer.count} ${answer.count === 1 ? "window" : "windows"}`}
            </button>
          )}
        </div>
      </form>
    </Dialog>
  );
}

interface PaceFieldsProps {
  readonly draft: BackfillDraft;
  readonly onChange: (part: Partial<BackfillDraft>) => void;
}

function PaceFields({ draft, onChange }: PaceFieldsProps): ReactElement {
  const id = useId();
  return (
    <div className="window-fields">
      <div className="field">
        <label htmlFor={`${id}-step`}>Length of a window (empty: as the schedule)</label>
        <input
          id={`${id}-step`}
          placeholder="1d"
          value={draft.step}
          onChange={(event) => onChange({ step: event.target.value })}
        />
      </div>
      <div className="field">
        <label htmlFor={`${id}-parallelism`}>Windows at once</label>
        <input
          id={`${id}-parallelism`}
          type="number"
          min={1}
          max={100}
          value={draft.parallelism}
          onChange={(event) => onChange({ parallelism: event.target.value })}
        />
      </div>
    </div>
  );
}

function toRequest({ from, to, step, parallelism }: BackfillDraft, isDryRun: boolean): BackfillRequest {
  return {
    ...toInstants({ from, to }),
    ...(step.trim() === "" ? {} : { step: step.trim() }),
    parallelism: Math.max(1, Math.trunc(Number(parallelism)) || 1),
    dry_run: isDryRun,
  };
}

function Windows({ answer }: { readonly answer: BackfillResult }): ReactElement {
  const { windows, count, run_id: runId } = answer;
  const left = count - windows.length;
  return (
    <section className="preview" aria-label="Windows" aria-live="polite">
      <p className="preview-head">
        {runId === null ? `${count} ${count === 1 ? "window" : "windows"} would run` : `${count} windows run in `}
        {runId === null ? null : <RunLink runId={runId} />}
        {describeOthers(answer)}
      </p>
      <ul className="preview-runs">
        {windows.map(({ from, to }) => (
          <li key={from} className="number">
            {from.slice(0, 16).replace("T", " ")} → {to.slice(0, 16).replace("T", " ")}
          </li>
        ))}
        {left > 0 ? <li className="muted">and {left} more</li> : null}
      </ul>
    </section>
  );
}

// Describes the windows that the backfill leaves out and why, and those that look done and are not.
function describeOthers({
  finished,
  unfinished,
  other_params: otherParams,
  not_ended: notEnded,
}: BackfillResult): string {
  const parts = [
    [otherParams, "of them finished or under way with other params"],
    [finished, "left out: finished"],
    [unfinished, "left out: under way"],
    [notEnded, "left out: not ended yet"],
  ] as const;
  return parts.flatMap(([count, text]) => (count === 0 ? [] : [`; ${count} ${text}`])).join("");
}
