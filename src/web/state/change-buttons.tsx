// The buttons of a previewed change: apply is there once its preview was seen and a reason is given.
import type { ReactElement } from "react";
import { Icon } from "../components/values/icon.tsx";
import { type PreviewedChange } from "./use-previewed-change.ts";

export interface ChangeButtonsProps {
  readonly change: PreviewedChange<unknown>;
  /** The newest version has to be looked at first. */
  readonly hasConflict: boolean;
  /** What is wrong with the input. */
  readonly problem: string | null;
  readonly reason: string;
  readonly onApply: () => void;
  readonly onClose: () => void;
}

/** Says what is missing. */
export function ChangeButtons({
  change,
  hasConflict,
  problem,
  reason,
  onApply,
  onClose,
}: ChangeButtonsProps): ReactElement {
  const missing = problem ?? (change.preview !== null && reason.trim() === "" ? "give a reason to apply it" : null);
  return (
    <div className="dialog-actions">
      <span className="muted" role="status">
        {missing}
      </span>
      <button type="button" className="button" onClick={onClose}>
        Cancel
      </button>
      {change.preview === null ? (
        <button
          type="submit"
          className="button button-primary"
          disabled={change.isBusy || problem !== null || hasConflict}
          onClick={() => void change.ask()}
        >
          <Icon name="search" /> Preview
        </button>
      ) : (
        <button
          type="submit"
          className="button button-danger"
          disabled={change.isBusy || missing !== null}
          onClick={onApply}
        >
          <Icon name="check" /> Apply
        </button>
      )}
    </div>
  );
}
