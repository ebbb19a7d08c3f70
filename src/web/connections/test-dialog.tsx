// Sends one request through a connection and tells what came back: status, bytes and time, never the content.
import { useQueryClient } from "@tanstack/react-query";
import { useId, useState, type FormEvent, type ReactElement } from "react";
import type { ConnectionTest } from "../../api/orchestrator.ts";
import { Dialog } from "../components/actions/dialog.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { formatBytes, formatCount, formatMs } from "../components/values/format-quantity.ts";
import { Icon } from "../components/values/icon.tsx";
import { call } from "../queries/api-client.ts";
import { leastRole } from "../queries/permissions.ts";
import { useMayCall } from "../queries/session.ts";
import { keyOf } from "../queries/use-api.ts";

export function TestButton({ name }: { readonly name: string }): ReactElement {
  const [isOpen, setIsOpen] = useState(false);
  const mayTest = useMayCall("testConnection");
  return (
    <>
      <button
        type="button"
        className="button"
        aria-label={`Test ${name}`}
        aria-disabled={!mayTest}
        title={mayTest ? undefined : `needs the role ${leastRole("testConnection")}`}
        onClick={mayTest ? () => setIsOpen(true) : undefined}
      >
        <Icon name="plug" /> Test
      </button>
      {isOpen ? <TestDialog name={name} onClose={() => setIsOpen(false)} /> : null}
    </>
  );
}

function TestDialog({ name, onClose }: { readonly name: string; readonly onClose: () => void }): ReactElement {
  const [url, setUrl] = useState("/");
  const [result, setResult] = useState<ConnectionTest | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isSending, setIsSending] = useState(false);
  const client = useQueryClient();
  const id = useId();
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsSending(true);
    setResult(null);
    setError(null);
    try {
      setResult(await call("testConnection", { params: { connection: name }, body: { url: url.trim() || "/" } }));
      void client.invalidateQueries({ queryKey: keyOf("listConnections") });
    } catch (failure) {
      setError(failure);
    }
    setIsSending(false);
  };
  return (
    <Dialog isOpen title={`Test ${name}`} onClose={onClose}>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <p>One GET is sent from the server, with the credentials of the connection. What comes back is not shown.</p>
        <div className="field">
          <label htmlFor={`${id}-url`}>Address, relative to the connection</label>
          <input id={`${id}-url`} autoFocus value={url} onChange={(event) => setUrl(event.target.value)} />
        </div>
        <div role="status">{result === null ? null : <TestResult result={result} />}</div>
        {error === null ? null : <ErrorState error={error} />}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Close
          </button>
          <button type="submit" className="button button-primary" disabled={isSending}>
            <Icon name="play" /> {isSending ? "Sending…" : "Send"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function TestResult({ result: { answer, error } }: { readonly result: ConnectionTest }): ReactElement | null {
  if (error !== null) {
    return (
      <p className="state state-plain" data-tone="bad">
        <Icon name="cross" size={14} />
        <span>
          {error.code}: {error.message}
          {error.hint === null ? null : ` (${error.hint})`}
        </span>
      </p>
    );
  }
  if (answer === null) return null;
  const { good: isGood, status, bytes, files, server } = answer;
  const what =
    status === null
      ? files === null
        ? (server ?? "")
        : `${formatCount(files)} files`
      : `Status ${status}, ${formatBytes(bytes ?? 0)}`;
  return (
    <p className="state state-plain" data-tone={isGood ? "good" : "bad"}>
      <Icon name={isGood ? "check" : "cross"} size={14} />
      <span>
        {what} in {formatMs(answer.duration_ms)}
      </span>
    </p>
  );
}
