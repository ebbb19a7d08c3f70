// Runs actions: at once, or after the dialog that asks; says afterwards what happened.
import { useCallback, useState, type ReactElement } from "react";
import type { Action } from "./action.ts";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { toFailureToast, useToast } from "./toast.tsx";

export interface ActionRunner {
  readonly start: (action: Action) => void;
  readonly isBusy: boolean;
  /** The dialog, when one is open: to be rendered. */
  readonly dialog: ReactElement | null;
}

/** One at a time. */
export function useAction(): ActionRunner {
  const [asking, setAsking] = useState<Action>();
  const [isBusy, setBusy] = useState(false);
  const toast = useToast();
  const start = useCallback(
    (action: Action): void => {
      if (action.whyNot !== undefined) return;
      if (action.confirm !== undefined) {
        setAsking(action);
        return;
      }
      setBusy(true);
      void action
        .run({})
        .then((text) => toast({ tone: "good", text }))
        .catch((error: unknown) => toast(toFailureToast(error)))
        .finally(() => setBusy(false));
    },
    [toast],
  );
  const confirm = asking?.confirm;
  const dialog =
    asking === undefined || confirm === undefined ? null : (
      <ConfirmDialog action={asking} confirm={confirm} onClose={() => setAsking(undefined)} />
    );
  return { start, isBusy, dialog };
}
