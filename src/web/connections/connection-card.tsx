// One connection: its breaker as a state with what happens next, its quota, who holds it.
import { useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { type Breaker, type Connection } from "../../api/orchestrator.ts";
import { type Action } from "../components/actions/action.ts";
import { ActionButton } from "../components/actions/action-button.tsx";
import { Icon } from "../components/values/icon.tsx";
import { RelativeTime } from "../components/values/time.tsx";
import { call } from "../queries/api-client.ts";
import { leastRole } from "../queries/permissions.ts";
import { useServerNow } from "../queries/server-clock.ts";
import { useMayCall } from "../queries/session.ts";
import { keyOf } from "../queries/use-api.ts";
import { formatMs } from "../components/values/format-quantity.ts";
import { describeConnection } from "./describe-connection.ts";
import { ConnectionFacts } from "./connection-facts.tsx";
import { LastRequests } from "./last-requests.tsx";
import { TestButton } from "./test-dialog.tsx";

/** Counts down to the next probe. */
export function ConnectionCard({ connection }: { readonly connection: Connection }): ReactElement {
  const { connection: name, breaker } = connection;
  const look = describeConnection(connection, useServerNow());
  return (
    <article className="card connection" aria-label={name}>
      <header className="card-head">
        <h2>{name}</h2>
        <span className="state state-soft" data-tone={look.tone}>
          <Icon name={look.icon} size={14} /> {look.label}
        </span>
        <div className="card-actions">
          {breaker === null || breaker.state === "closed" ? null : <ResetButton name={name} />}
          {connection.source === null ? null : <TestButton name={name} />}
        </div>
      </header>
      {breaker === null || breaker.state === "closed" ? null : <BreakerFacts breaker={breaker} />}
      <ConnectionFacts connection={connection} />
      <LastRequests connection={name} />
    </article>
  );
}

function BreakerFacts({ breaker }: { readonly breaker: Breaker }): ReactElement {
  const nowMs = useServerNow();
  const probeMs = breaker.next_probe_at === null ? null : Date.parse(breaker.next_probe_at) - nowMs;
  return (
    <div className="breaker">
      <p>
        {breaker.failures} failures, opened <RelativeTime at={breaker.opened_at} />.{" "}
        {probeMs === null ? null : probeMs > 0 ? (
          <>
            Next probe in <strong className="number">{formatMs(Math.ceil(probeMs / 1_000) * 1_000)}</strong>.
          </>
        ) : (
          <strong>The next call probes.</strong>
        )}
      </p>
      {breaker.last_error === null ? null : (
        <p className="breaker-error">
          <code>{breaker.last_error}</code>
        </p>
      )}
    </div>
  );
}

function ResetButton({ name }: { readonly name: string }): ReactElement {
  const client = useQueryClient();
  const mayReset = useMayCall("resetBreaker");
  const action: Action = {
    label: "Close now",
    icon: "retry",
    whyNot: mayReset ? undefined : `needs the role ${leastRole("resetBreaker")}`,
    confirm: {
      title: `Close the breaker of ${name} now?`,
      text: "Waiting runs call it again at once. When it still fails, the breaker opens again.",
    },
    run: async (body) => {
      await call("resetBreaker", { params: { connection: name }, body });
      await client.invalidateQueries({ queryKey: keyOf("listConnections") });
      return `the breaker of ${name} is closed`;
    },
  };
  return <ActionButton action={action} />;
}
