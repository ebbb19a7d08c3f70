// A button for an action.
import type { ReactElement } from "react";
import type { Action } from "./action.ts";
import { Icon } from "../values/icon.tsx";
import { useAction } from "./use-action.tsx";

export interface ActionButtonProps {
  readonly action: Action;
  /** Default `normal`, or `danger` for dangerous actions. */
  readonly look?: "primary" | "normal" | "danger" | "quiet";
  /** Only the icon is seen; the label is heard. */
  readonly isCompact?: boolean;
}

/** One that cannot be used says why in its title, and stays reachable by keyboard. */
export function ActionButton({ action, look, isCompact = false }: ActionButtonProps): ReactElement {
  const { start, isBusy, dialog } = useAction();
  const shownLook = look ?? (action.isDanger === true ? "danger" : "normal");
  const isOff = isBusy || action.whyNot !== undefined;
  return (
    <>
      <button
        type="button"
        className={`button button-${shownLook}${isCompact ? " button-square" : ""}`}
        aria-disabled={isOff}
        title={action.whyNot ?? (isCompact ? action.label : undefined)}
        {...(isCompact ? { "aria-label": action.label } : {})}
        onClick={() => (isOff ? undefined : start(action))}
      >
        <Icon name={action.icon} />
        {isCompact ? null : action.label}
      </button>
      {dialog}
    </>
  );
}
