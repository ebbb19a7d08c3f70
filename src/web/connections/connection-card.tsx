// One connection: its breaker as a state with what happens next, its quota, who holds it.
import { useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { type Breaker, type Connection } from "../../api/orchestrator.ts";
import { type Action } from "../components/actions/action.ts";
import { ActionButton } from "../components/actions/action-button.tsx";
import { Icon, type IconName } from "../components/values/icon.tsx";
import { type Tone } from "../components/values/state-appearance.ts";
import { RelativeTime } from "../components/values/time.tsx";
import { call } from "../queries/api-client.ts";
import { leastRole } from "../queries/permissions.ts";
import { useServerNow } from "../queries/server-clock.ts";
import { useMayCall } from "../queries/session.ts";
import { keyOf } from "../queries/use-api.ts";
import { formatMs } from "../components/values/format-quantity.ts";
import { ConnectionFacts } from "./connection-facts.tsx";
import { LastRequests } from "./last-requests.tsx";
import { TestButton } from "./test-dialog.tsx";

interface Look {
  readonly label: string;
  readonly icon: IconName;
  readonly tone: Tone;
}

const looks: Readonly<Record<Breaker["state"], Look>> = {
  closed: { label: "Closed: calls go through", icon: "check", tone: "good" },
  half_open: { label: "Half open: one call tries", icon: "question", tone: "warn" },
  open: { label: "Open: calls are stopped", icon: "cross", tone: "bad" },
};

/** Nothing is wrong with it, but the service wants to be left alone for a while. */
const pausedLook: Look = { label: "Paused: the service asked for it", icon: "pause", tone: "waiting" };

/** Counts down to the next probe. */
export function ConnectionCard({ connection }: { readonly connection: Connection }): ReactElement {
  const { connection: name, breaker, paused_until: pausedUntil } = connection;
  const state = breaker?.state ?? "closed";
  const isPaused = pausedUntil !== null && Date.parse(pausedUntil) > useServerNow();
  const look = state === "closed" && isPaused ? pausedLook : looks[state];
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
