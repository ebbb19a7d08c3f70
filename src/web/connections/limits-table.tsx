// Limits: how many runs may pass each gate at once, how many do, and an editor for the capacity.
import { useQueryClient } from "@tanstack/react-query";
import { useId, useState, type FormEvent, type ReactElement } from "react";
import { type Limit } from "../../api/orchestrator.ts";
import { Dialog } from "../components/actions/dialog.tsx";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { ErrorState } from "../components/tables/error-state.tsx";
import { Icon } from "../components/values/icon.tsx";
import { RelativeTime } from "../components/values/time.tsx";
import { useToast } from "../components/actions/toast.tsx";
import { call } from "../queries/api-client.ts";
import { leastRole } from "../queries/permissions.ts";
import { useMayCall } from "../queries/session.ts";
import { keyOf } from "../queries/use-api.ts";
import { ReasonField } from "../state/reason-field.tsx";
import { Quota } from "./quota.tsx";
import { readCapacity } from "./read-capacity.ts";

/** Every gate that has one. */
export function LimitsTable({ limits }: { readonly limits: readonly Limit[] }): ReactElement {
  const [editing, setEditing] = useState<Limit | null>(null);
  const columns: readonly Column<Limit>[] = [
    { header: "Gate", cell: ({ gate }) => <code>{gate}</code> },
    { header: "In use", cell: ({ held, capacity }) => <Quota held={held} capacity={capacity} /> },
    { header: "Free again", cell: ({ blocked_until: at }) => (at === null ? null : <RelativeTime at={at} />) },
    {
      header: "Actions",
      align: "end",
      isHeaderHidden: true,
      cell: (limit) => <ChangeButton limit={limit} onPress={() => setEditing(limit)} />,
    },
  ];
  return (
    <>
      <DataTable label="Limits" columns={columns} rows={limits} idOf={({ gate }) => gate} />
      {editing === null ? null : <LimitDialog limit={editing} onClose={() => setEditing(null)} />}
    </>
  );
}

function ChangeButton({ limit, onPress }: { readonly limit: Limit; readonly onPress: () => void }): ReactElement {
  const mayPut = useMayCall("putLimits");
  return (
    <button
      type="button"
      className="button button-quiet"
      aria-label={`Change ${limit.gate}`}
      aria-disabled={!mayPut}
      title={mayPut ? undefined : `needs the role ${leastRole("putLimits")}`}
      onClick={mayPut ? onPress : undefined}
    >
      <Icon name="settings" /> Change
    </button>
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
