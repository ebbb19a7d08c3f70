// The screen of settings, for admins: tokens and the audit log.
import { useNavigate, useSearch } from "@tanstack/react-router";
import "../styles/panels.css";
import type { ReactElement } from "react";
import "../settings/settings.css";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { PageHeader } from "../components/frame/page-header.tsx";
import { Tabs } from "../components/tables/tabs.tsx";
import { useMayCall, useRole } from "../queries/session.ts";
import { AuditLog } from "../settings/audit-log.tsx";
import { TokenList } from "../settings/token-list.tsx";
import { type SettingsSearch } from "../search/settings-search.ts";

/** Others than admins are told what they are. */
export function Settings(): ReactElement {
  const search = useSearch({ from: "/settings" });
  const navigate = useNavigate({ from: "/settings" });
  const role = useRole();
  const mayList = useMayCall("listTokens");
  const change = (part: Partial<SettingsSearch>): void => void navigate({ search: { ...search, ...part } });
  const tab = search.tab ?? "tokens";
  return (
    <div className="screen">
      <PageHeader title="Settings" />
      {mayList ? (
        <Tabs
          label="Settings"
          tabs={[
            { name: "tokens", label: "Tokens" },
            { name: "audit", label: "Audit log" },
          ]}
          current={tab}
          onChange={(name) => change({ tab: name })}
        >
          {tab === "tokens" ? <TokenList /> : <AuditLog search={search} onChange={change} />}
        </Tabs>
      ) : (
        <EmptyState
          title="Only admins see tokens and the audit log"
          icon="settings"
          commands={["millrace token create <name> --role admin"]}
        >
          Your token has the role {role}. Somebody at the machine of the server can make one of another role.
        </EmptyState>
      )}
    </div>
  );
}
