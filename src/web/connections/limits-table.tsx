// Limits: how many runs may pass each gate at once, how many do, and an editor for the capacity.
import { useQueryClient } from "@tanstack/react-query";
import { useId, useState, type FormEvent, type ReactElement } from "react";
import { type Limit } from "../../api/orchestrator.ts";
import { Dialog } from "../components/actions/dialog.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { Icon } from "../components/values/icon.tsx";
import { RelativeTime } from "../components/values/time.tsx";
import { useToast } from "../components/actions/toast.tsx";
import { call } from "../queries/api-client.ts";
import { leastRole } from "../queries/permissions.ts";
import { useMayCall } from "../queries/session.ts";
import { keyOf } from "../queries/use-api.ts";
import { ReasonField } from "../state/reason-field.tsx";
import { Quota } from "./connection-card.tsx";
import { readCapacity } from "./read-capacity.ts";

/** Every gate that has one. */
export function LimitsTable({ limits }: { readonly limits: readonly Limit[] }): ReactElement {
  const [editing, setEditing] = useState<Limit | null>(null);
  const mayPut = useMayCall("putLimits");
  return (
    <div className="scroll-x" role="region" aria-label="Table of limits" tabIndex={0}>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">Gate</th>
            <th scope="col">In use</th>
            <th scope="col">Free again</th>
            <th scope="col">
              <span className="only-read">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {limits.map((limit) => (
            <tr key={limit.gate}>
              <td>
                <code>{limit.gate}</code>
              </td>
              <td>
                <Quota held={limit.held} capacity={limit.capacity} />
              </td>
              <td>{limit.blocked_until === null ? null : <RelativeTime at={limit.blocked_until} />}</td>
              <td data-align="end">
                <button
                  type="button"
                  className="button button-quiet"
                  aria-label={`Change ${limit.gate}`}
                  aria-disabled={!mayPut}
                  title={mayPut ? undefined : `needs the role ${leastRole("putLimits")}`}
                  onClick={() => (mayPut ? setEditing(limit) : undefined)}
                >
                  <Icon name="settings" /> Change
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {editing === null ? null : <LimitDialog limit={editing} onClose={() => setEditing(null)} />}
    </div>
  );
}

function LimitDialog({ limit, onClose }: { readonly limit: Limit; readonly onClose: () => void }): ReactElement {
  const [text, setText] = useState(limit.capacity === null ? "" : String(limit.capacity));
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const client = useQueryClient();
  const toast = useToast();
  const id = useId();
  const { capacity, problem } = readCapacity(text);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (problem !== null) return;
    try {
      const given = reason.trim();
      await call("putLimits", {
        body: { limits: [{ gate: limit.gate, capacity }], ...(given === "" ? {} : { reason: given }) },
      });
      for (const name of ["listLimits", "listConnections"] as const)
        void client.invalidateQueries({ queryKey: keyOf(name) });
      toast({ tone: "good", text: `${limit.gate}: ${capacity === null ? "no limit" : `${capacity} at once`}` });
      onClose();
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Dialog isOpen title={`Limit of ${limit.gate}`} onClose={onClose}>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <p>{limit.held} in use now. Lowering it ends nothing: new runs wait until enough of those have ended.</p>
        <div className="field">
          <label htmlFor={`${id}-capacity`}>At once (empty: no limit)</label>
          <input
            id={`${id}-capacity`}
            inputMode="numeric"
            autoFocus
            value={text}
            aria-invalid={problem !== null}
            aria-describedby={`${id}-problem`}
            onChange={(event) => setText(event.target.value)}
          />
          <span id={`${id}-problem`} className="field-error" role="status">
            {problem}
          </span>
        </div>
        <ReasonField label="Reason (kept in the audit log)" value={reason} onChange={setReason} />
        {error === null ? null : <ErrorState error={error} />}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button-primary" disabled={problem !== null}>
            <Icon name="check" /> Change
          </button>
        </div>
      </form>
    </Dialog>
  );
}
