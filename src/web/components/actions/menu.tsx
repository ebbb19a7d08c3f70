// A button that opens a native popover beside it, kept inside the window.
import { useId, useRef, type KeyboardEvent, type ReactElement, type ReactNode } from "react";

export interface MenuProps {
  /** What the button says, or its icon with `label`. */
  readonly button: ReactNode;
  /** For people who hear it. */
  readonly label: string;
  readonly buttonClass?: string;
  /** Buttons with role `menuitem`, `menuitemradio` or `menuitemcheckbox`. */
  readonly children: ReactNode;
}

/** Arrows, Home and End move in it; Escape and a choice close it and give the focus back. */
export function Menu({ button, label, buttonClass = "button button-quiet", children }: MenuProps): ReactElement {
  const id = useId();
  const buttonRef = useRef<HTMLButtonElement>(null);
  const menuRef = useRef<HTMLDivElement>(null);
  const place = (isOpen: boolean): void => {
    const menu = menuRef.current;
    const anchor = buttonRef.current;
    if (!isOpen || menu === null || anchor === null) return;
    placeBeside(menu, anchor.getBoundingClientRect());
    itemsOf(menu)[0]?.focus();
  };
  return (
    <>
      <button
        ref={buttonRef}
        type="button"
        className={buttonClass}
        popoverTarget={id}
        aria-haspopup="menu"
        aria-label={label}
        title={label}
        onClick={(event) => event.stopPropagation()}
      >
        {button}
      </button>
      <div
        ref={menuRef}
        id={id}
        popover="auto"
        className="menu"
        role="menu"
        aria-label={label}
        onToggle={(event) => place(event.newState === "open")}
        onKeyDown={moveInMenu}
        onClick={(event) => {
          event.stopPropagation();
          if (event.target instanceof Element && event.target.closest("[role^=menuitem]") !== null) {
            menuRef.current?.hidePopover();
          }
        }}
      >
        {children}
      </div>
    </>
  );
}

function itemsOf(menu: HTMLElement): readonly HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>("[role^=menuitem]")];
}

function moveInMenu(event: KeyboardEvent<HTMLElement>): void {
  const items = itemsOf(event.currentTarget);
  const index = items.findIndex((item) => item === document.activeElement);
  const next = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: items.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  items[(next + items.length) % items.length]?.focus();
}

/** Below the anchor and flush with its right edge, or above where there is no room. */
function placeBeside(menu: HTMLElement, anchor: DOMRect): void {
  const gap = 4;
  const { offsetWidth: width, offsetHeight: height } = menu;
  const left = Math.min(Math.max(8, anchor.right - width), innerWidth - width - 8);
  const hasRoomBelow = anchor.bottom + gap + height < innerHeight - 8;
  menu.style.left = `${Math.max(8, left)}px`;
  menu.style.top = `${hasRoomBelow ? anchor.bottom + gap : Math.max(8, anchor.top - gap - height)}px`;
}
