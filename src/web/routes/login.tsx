// Asks for a token when there is none in a cookie, and says where to get one.
import { useQueryClient } from "@tanstack/react-query";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { useEffect, useState, type FormEvent, type ReactElement } from "react";
import { CopyCommand } from "../components/actions/copy-command.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { logIn, sessionKey, useIsAddressRefused } from "../queries/session.ts";

/** Afterwards the screen of the address shows. */
export function Login(): ReactElement {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [token, setToken] = useState("");
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    document.title = "Log in · Millrace";
  }, []);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      client.setQueryData(sessionKey, await logIn(token.trim()));
      if (pathname === "/login") await navigate({ to: "/" });
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <main className="login">
      <form className="card form" onSubmit={(event) => void submit(event)}>
        <div className="brand">
          <span className="brand-mark" aria-hidden="true" />
          <h1>Millrace</h1>
        </div>
        <Invitation />
        <div className="field">
          <label htmlFor="token">Token</label>
          <input
            id="token"
            type="password"
            value={token}
            autoFocus
            required
            autoComplete="current-password"
            spellCheck={false}
            onChange={(event) => setToken(event.target.value)}
          />
        </div>
        {error === undefined ? null : <ErrorState error={error} />}
        <button type="submit" className="button button-primary" disabled={isBusy || token.trim() === ""}>
          {isBusy ? "Looking…" : "Log in"}
        </button>
        <TokenSources />
      </form>
    </main>
  );
}

function Invitation(): ReactElement {
  if (!useIsAddressRefused()) return <p>Paste a token to see the runs of this server.</p>;
  return (
    <p role="status">
      The token in this address has been used, or is not valid. Start <code>millrace dev</code> again for a new address,
      or paste a token.
    </p>
  );
}

function TokenSources(): ReactElement {
  return (
    <div className="muted">
      <p>
        <code>millrace dev</code> prints an address that logs one browser in, once. On a server, somebody with the role
        admin makes a token:
      </p>
      <CopyCommand command="millrace token create me --role viewer" />
    </div>
  );
}
