// Doing the same to many runs: the server freezes which they are and counts them exactly, a person confirms that count, and
// afterwards sees what changed and what was refused. Runs that come later, or a filter that changes, are not part of it.
import { useEffect, useEffectEvent, useId, useState, type FormEvent, type ReactElement } from "react";
import type { BulkAction, BulkResult, Selection, SelectRuns } from "../../api/control.ts";
import type { Run } from "../../api/run.ts";
import type { RunState } from "../../core/job/run-state.ts";
import { Dialog } from "../components/actions/dialog.tsx";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { ErrorState } from "../components/tables/error-state.tsx";
import { formatCount } from "../components/values/format-quantity.ts";
import { MessageText } from "../components/tables/message-text.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { StateBadge } from "../components/values/state-badge.tsx";
import { RelativeTime } from "../components/values/time.tsx";
import { call } from "../queries/api-client.ts";
import { RunLink } from "../components/values/run-link.tsx";

export interface BulkDialogProps {
  readonly request: SelectRuns;
  readonly onClose: () => void;
  /** After it was applied. */
  readonly onApplied: () => void;
}

const verbs: Readonly<Record<BulkAction, string>> = { stop: "Stop", pause: "Pause", resume: "Resume", retry: "Retry" };

/** Open while it is mounted; freezes the selection when it opens. */
export function BulkDialog({ request, onClose, onApplied }: BulkDialogProps): ReactElement {
  const [selection, setSelection] = useState<Selection>();
  const [result, setResult] = useState<BulkResult>();
  const [error, setError] = useState<unknown>();
  const freeze = useEffectEvent(async (isCurrent: () => boolean) => {
    try {
      const frozen = await call("selectRuns", { body: request });
      if (isCurrent()) setSelection(frozen);
    } catch (failure) {
      if (isCurrent()) setError(failure);
    }
  });
  useEffect(() => {
    let isOpen = true;
    void freeze(() => isOpen);
    return () => {
      isOpen = false;
    };
  }, []);
  const verb = verbs[request.action];
  return (
    <Dialog isOpen title={`${verb} many runs`} onClose={onClose} size="large">
      {result !== undefined ? (
        <BulkOutcome result={result} onClose={onClose} />
      ) : selection !== undefined ? (
        <BulkConfirm
          selection={selection}
          verb={verb}
          onClose={onClose}
          onDone={(done) => {
            setResult(done);
            onApplied();
          }}
        />
      ) : error !== undefined ? (
        <ErrorState error={error} />
      ) : (
        <Skeleton label="Counting the runs" />
      )}
    </Dialog>
  );
}

interface BulkConfirmProps {
  readonly selection: Selection;
  readonly verb: string;
  readonly onClose: () => void;
  readonly onDone: (result: BulkResult) => void;
}

function BulkConfirm({ selection, verb, onClose, onDone }: BulkConfirmProps): ReactElement {
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const id = useId();
  const { count, selection_id: selectionId, expires_at: expiresAt } = selection;
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const body = { selection_id: selectionId, count, ...(reason.trim() === "" ? {} : { reason: reason.trim() }) };
      onDone(await call("applyBulk", { body }));
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <form className="form" onSubmit={(event) => void submit(event)}>
      <SelectionSummary selection={selection} />
      <div className="field">
        <label htmlFor={id}>Reason (kept in the history of each)</label>
        <input id={id} value={reason} maxLength={500} autoFocus onChange={(event) => setReason(event.target.value)} />
      </div>
      {error === undefined ? null : <ErrorState error={error} />}
      <div className="dialog-actions">
        <span className="muted dialog-note">
          This count is kept; it ends <RelativeTime at={expiresAt} />.
        </span>
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className="button button-primary" disabled={isBusy || count === 0}>
          {isBusy ? "At it…" : `${verb} ${countRuns(count)}`}
        </button>
      </div>
    </form>
  );
}

function SelectionSummary({ selection }: { readonly selection: Selection }): ReactElement {
  const { count, by_state: byState, sample } = selection;
  return (
    <>
      <p>
        Exactly <strong>{countRuns(count)}</strong> as they were found now; later ones are not touched.
      </p>
      <ul className="bulk-states">
        {Object.entries(byState).map(([state, stateCount]) => (
          <li key={state}>
            <StateBadge state={state as RunState} /> <span className="number">{formatCount(stateCount)}</span>
          </li>
        ))}
      </ul>
      <DataTable
        label="Some of them"
        columns={sampleColumns}
        rows={sample.slice(0, 5)}
        idOf={({ run_id: runId }) => runId}
      />
      {count > 5 ? <p className="muted">and {formatCount(count - Math.min(5, sample.length))} more</p> : null}
    </>
  );
}

const sampleColumns: readonly Column<Run>[] = [
  { header: "Run", cell: ({ run_id: runId }) => runId },
  { header: "Job", cell: ({ job_name: name }) => name },
  { header: "State", cell: ({ state, reason }) => <StateBadge state={state} reason={reason} look="plain" /> },
  { header: "Created", cell: ({ created_at: at }) => <RelativeTime at={at} /> },
];

function BulkOutcome({ result, onClose }: { readonly result: BulkResult; readonly onClose: () => void }): ReactElement {
  const { changed, requested, refused, count } = result;
  const refusedCount = Math.max(refused.length, count - changed - requested);
  return (
    <div className="form">
      <p role="status">
        {countRuns(changed)} changed
        {requested === 0 ? "" : `, ${countRuns(requested)} asked to yield`}
        {refusedCount === 0 ? "." : `, ${formatCount(refusedCount)} left as they are:`}
      </p>
      {refused.length === 0 ? null : (
        <ul className="bulk-refused">
          {refused.map(({ run_id: runId, detail }) => (
            <li key={runId}>
              <RunLink runId={runId} /> <MessageText text={detail} />
            </li>
          ))}
        </ul>
      )}
      <div className="dialog-actions">
        <button type="button" className="button button-primary" autoFocus onClick={onClose}>
          Close
        </button>
      </div>
    </div>
  );
}

function countRuns(count: number): string {
  return `${formatCount(count)} ${count === 1 ? "run" : "runs"}`;
}
