// Several actions behind one button.
import type { ReactElement, ReactNode } from "react";
import type { Action } from "./action.ts";
import { Icon } from "../values/icon.tsx";
import { Menu } from "./menu.tsx";
import { useAction } from "./use-action.tsx";

export interface ActionMenuProps {
  /** Such as `Actions of loads`. */
  readonly label: string;
  readonly actions: readonly Action[];
  /** What the button shows; default three dots. */
  readonly button?: ReactNode;
  readonly buttonClass?: string;
}

/** Nothing when there is no action. */
export function ActionMenu({ label, actions, button, buttonClass }: ActionMenuProps): ReactElement | null {
  const { start, dialog } = useAction();
  if (actions.length === 0) return null;
  return (
    <>
      <Menu
        label={label}
        button={button ?? <Icon name="more" />}
        buttonClass={buttonClass ?? "button button-quiet button-square"}
      >
        {actions.map((action) => (
          <button
            key={action.label}
            type="button"
            role="menuitem"
            tabIndex={-1}
            className={action.isDanger === true ? "menu-item menu-danger" : "menu-item"}
            aria-disabled={action.whyNot !== undefined}
            title={action.whyNot}
            onClick={() => start(action)}
          >
            <Icon name={action.icon} /> {action.label}
          </button>
        ))}
      </Menu>
      {dialog}
    </>
  );
}
