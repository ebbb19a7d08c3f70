// Tokens: who may call, until when, when last; make one, end one.
import { useState, type ReactElement } from "react";
import { type TokenView } from "../../api/session.ts";
import { type Action } from "../components/actions/action.ts";
import { ActionButton } from "../components/actions/action-button.tsx";
import { DataTable } from "../components/tables/data-table.tsx";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { Icon } from "../components/values/icon.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { RelativeTime } from "../components/values/time.tsx";
import { call } from "../queries/api-client.ts";
import { useServerNow } from "../queries/server-clock.ts";
import { useApi } from "../queries/use-api.ts";
import { CreateTokenDialog } from "./create-token-dialog.tsx";

/** Without their secrets, which nobody can see again. */
export function TokenList(): ReactElement {
  const [isCreating, setCreating] = useState(false);
  const { data, error, refetch } = useApi("listTokens", {});
  const reload = (): void => void refetch();
  return (
    <div className="settings-panel">
      <div>
        <button type="button" className="button button-primary" onClick={() => setCreating(true)}>
          <Icon name="plus" /> New token
        </button>
      </div>
      {data === undefined ? (
        error === null ? (
          <Skeleton lines={5} label="Loading tokens" />
        ) : (
          <ErrorState error={error} retry={reload} />
        )
      ) : data.items.length === 0 ? (
        <EmptyState title="No token" icon="settings" commands={["millrace token create ci --role operator"]}>
          Programs and people call with a token. Give each its own, so that it can be ended alone.
        </EmptyState>
      ) : (
        <TokenTable tokens={data.items} onChanged={reload} />
      )}
      {isCreating ? <CreateTokenDialog onClose={() => setCreating(false)} onCreated={reload} /> : null}
    </div>
  );
}

function TokenTable({
  tokens,
  onChanged,
}: {
  readonly tokens: readonly TokenView[];
  readonly onChanged: () => void;
}): ReactElement {
  const nowMs = useServerNow();
  const columns: readonly Column<TokenView>[] = [
    { header: "Name", cell: ({ name }) => name },
    { header: "Role", cell: ({ role }) => role },
    { header: "State", cell: (token) => <TokenState token={token} nowMs={nowMs} /> },
    {
      header: "Made",
      cell: ({ created_at: at, created_by: by }) => (
        <span>
          <RelativeTime at={at} /> <span className="muted">by {by}</span>
        </span>
      ),
    },
    {
      header: "Last used",
      cell: ({ last_used_at: at }) => (at === null ? <span className="muted">never</span> : <RelativeTime at={at} />),
    },
    {
      header: "Actions",
      align: "end",
      isHeaderHidden: true,
      cell: (token) =>
        token.revoked_at === null ? <ActionButton action={revokeAction(token, onChanged)} look="quiet" /> : null,
    },
  ];
  return <DataTable label="Tokens" columns={columns} rows={tokens} idOf={({ token_id: id }) => id} />;
}

function TokenState({ token, nowMs }: { readonly token: TokenView; readonly nowMs: number }): ReactElement {
  if (token.revoked_at !== null) {
    return (
      <span className="state state-plain" data-tone="neutral">
        <Icon name="cross" size={14} /> revoked <RelativeTime at={token.revoked_at} />
      </span>
    );
  }
  if (token.expires_at === null) return <span>never expires</span>;
  const isExpired = Date.parse(token.expires_at) <= nowMs;
  return (
    <span className="state state-plain" data-tone={isExpired ? "warn" : "good"}>
      <Icon name={isExpired ? "clock" : "check"} size={14} /> {isExpired ? "expired" : "valid, expires"}{" "}
      <RelativeTime at={token.expires_at} />
    </span>
  );
}

function revokeAction(token: TokenView, onChanged: () => void): Action {
  return {
    label: "Revoke",
    icon: "cross",
    isDanger: true,
    confirm: {
      title: `Revoke ${token.name}?`,
      text: "Calls with it are refused from now on, and its open connections are dropped. It cannot be taken back.",
      hasReason: false,
    },
    run: async () => {
      await call("revokeToken", { params: { token_id: token.token_id } });
      onChanged();
      return `${token.name} is revoked`;
    },
  };
}
