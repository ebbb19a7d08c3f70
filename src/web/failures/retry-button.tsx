// Retries exactly the runs that a person means: the server freezes and counts them first, the dialog says the count, and only
// those are retried, whatever fails or ends meanwhile.
import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { type Selection, type SelectRuns } from "../../api/control.ts";
import { type Action } from "../components/actions/action.ts";
import { ConfirmDialog } from "../components/actions/confirm-dialog.tsx";
import { Icon } from "../components/values/icon.tsx";
import { toFailureToast, useToast } from "../components/actions/toast.tsx";
import { call } from "../queries/api-client.ts";
import { leastRole } from "../queries/permissions.ts";
import { useMayCall } from "../queries/session.ts";
import { keyOf } from "../queries/use-api.ts";

export interface RetryButtonProps {
  readonly label: string;
  readonly request: SelectRuns;
  readonly whyNot?: string | undefined;
  readonly onDone?: () => void;
}

/** Two presses: the first counts. */
export function RetryButton({ label, request, whyNot, onDone }: RetryButtonProps): ReactElement {
  const [selection, setSelection] = useState<Selection | null>(null);
  const [isBusy, setBusy] = useState(false);
  const mayApply = useMayCall("applyBulk");
  const client = useQueryClient();
  const toast = useToast();
  const reason = whyNot ?? (mayApply ? undefined : `needs the role ${leastRole("applyBulk")}`);
  const freeze = (): void => {
    setBusy(true);
    void call("selectRuns", { body: request })
      .then(setSelection)
      .catch((error: unknown) => toast(toFailureToast(error)))
      .finally(() => setBusy(false));
  };
  const action =
    selection === null
      ? null
      : toAction(selection, () => {
          for (const name of ["listFailures", "listRuns", "listJobs"] as const)
            void client.invalidateQueries({ queryKey: keyOf(name) });
          onDone?.();
        });
  return (
    <>
      <button
        type="button"
        className="button"
        aria-disabled={isBusy || reason !== undefined}
        title={reason}
        onClick={() => (isBusy || reason !== undefined ? undefined : freeze())}
      >
        <Icon name="retry" /> {label}
      </button>
      {action?.confirm === undefined ? null : (
        <ConfirmDialog action={action} confirm={action.confirm} onClose={() => setSelection(null)} />
      )}
    </>
  );
}

function toAction(selection: Selection, onDone: () => void): Action {
  const { selection_id: selectionId, count, sample } = selection;
  return {
    label: `Retry ${count}`,
    icon: "retry",
    confirm: {
      title: `Retry exactly ${count} ${count === 1 ? "run" : "runs"}?`,
      text: (
        <>
          <p>Each gets another try from its checkpoint. Runs that fail from now on are not among them.</p>
          <p className="muted">
            {sample.map((run) => run.run_id).join(", ")}
            {sample.length < count ? ` and ${count - sample.length} more` : ""}
          </p>
        </>
      ),
    },
    run: async (answer) => {
      const result = await call("applyBulk", { body: { selection_id: selectionId, count, ...answer } });
      onDone();
      const refused =
        result.refused.length === 0 ? "" : `, ${result.refused.length} refused: ${result.refused[0]?.detail ?? ""}`;
      return `${result.changed} of ${result.count} retried${refused}`;
    },
  };
}
