// Tells what happened after a press, once, to eyes and ears: short messages in a corner that go by themselves, failures
// on a click.
import {
  createContext,
  useCallback,
  useContext,
  useMemo,
  useRef,
  useState,
  type ReactElement,
  type ReactNode,
} from "react";
import { MillraceError } from "../../../core/errors/errors.ts";
import { Icon } from "../values/icon.tsx";
import { MessageText } from "../tables/message-text.tsx";

export interface Toast {
  readonly tone: "good" | "bad";
  readonly text: string;
  readonly hint?: string | undefined;
}

export type ShowToast = (toast: Toast) => void;

const ToastContext = createContext<ShowToast>(() => undefined);
const shownMs = 6_000;

/** Says something in the corner. */
export function useToast(): ShowToast {
  return useContext(ToastContext);
}

/** Says what went wrong, with the server's hint. */
export function toFailureToast(error: unknown): Toast {
  const hint = error instanceof MillraceError ? error.hint : undefined;
  return { tone: "bad", text: error instanceof Error ? error.message : String(error), hint };
}

/** Around the page, once. */
export function Toaster({ children }: { readonly children: ReactNode }): ReactElement {
  const [toasts, setToasts] = useState<readonly (Toast & { readonly id: number })[]>([]);
  const lastId = useRef(0);
  const remove = useCallback((id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)), []);
  const show = useCallback<ShowToast>(
    (toast) => {
      const id = (lastId.current += 1);
      setToasts((all) => [...all.slice(-3), { ...toast, id }]);
      if (toast.tone === "good") setTimeout(() => remove(id), shownMs);
    },
    [remove],
  );
  const list = useMemo(
    () =>
      toasts.map((toast) => (
        <div key={toast.id} className="toast" data-tone={toast.tone}>
          <Icon name={toast.tone === "good" ? "check" : "cross"} />
          <div className="toast-text">
            <p>
              <MessageText text={toast.text} />
            </p>
            {toast.hint === undefined ? null : (
              <p className="muted">
                <MessageText text={toast.hint} />
              </p>
            )}
          </div>
          <button
            type="button"
            className="button button-quiet button-square"
            aria-label="Dismiss"
            onClick={() => remove(toast.id)}
          >
            <Icon name="close" />
          </button>
        </div>
      )),
    [toasts, remove],
  );
  return (
    <ToastContext value={show}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {list}
      </div>
    </ToastContext>
  );
}
