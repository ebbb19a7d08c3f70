// A native modal dialog: the browser keeps the focus in it, gives it back and closes it on Escape.
import { useEffect, useId, useRef, type ReactElement, type ReactNode } from "react";
import { Icon } from "../values/icon.tsx";

export interface DialogProps {
  readonly isOpen: boolean;
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** Default `small`. */
  readonly size?: "small" | "large";
}

/** Its content is mounted while it is open only. Typing begins in the field marked `data-first`, or in the first one. */
export function Dialog({ isOpen, title, onClose, children, size = "small" }: DialogProps): ReactElement | null {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (!isOpen || dialog === null || dialog.open) return;
    dialog.showModal();
    // The browser would begin at the button that closes.
    (
      dialog.querySelector<HTMLElement>("[data-first]") ?? dialog.querySelector<HTMLElement>("input, select, textarea")
    )?.focus();
  }, [isOpen]);
  if (!isOpen) return null;
  return (
    <dialog
      ref={ref}
      className={`dialog dialog-${size}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <div className="dialog-box">
        <header className="dialog-head">
          <h2 id={titleId}>{title}</h2>
          <button type="button" className="button button-quiet button-square" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
