// The orchestrator: its switch, who works, how it feels, and the button for the worst day.
import "../orchestrator/orchestrator.css";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Orchestrator } from "../../api/orchestrator.ts";
import { ActionButton } from "../components/actions/action-button.tsx";
import { CopyCommand } from "../components/actions/copy-command.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { Icon } from "../components/values/icon.tsx";
import { MessageText } from "../components/tables/message-text.tsx";
import { PageHeader } from "../components/frame/page-header.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { Instant, RelativeTime } from "../components/values/time.tsx";
import { listOrchestratorActions } from "../orchestrator/orchestrator-actions.ts";
import { HealthFigures } from "../orchestrator/health-figures.tsx";
import { WorkerTable } from "../orchestrator/worker-table.tsx";
import { useRole } from "../queries/session.ts";
import { useApi } from "../queries/use-api.ts";

/** Asks every five seconds; the switch is told at once. */
export function OrchestratorScreen(): ReactElement {
  const { data: orchestrator, error, isPending, refetch } = useApi("showOrchestrator", {}, { refetchMs: 5_000 });
  return (
    <div className="screen">
      <PageHeader
        title="Orchestrator"
        actions={
          orchestrator === undefined ? undefined : (
            <OrchestratorActions orchestrator={orchestrator} onDone={() => void refetch()} />
          )
        }
      >
        Workers take runs while the orchestrator is started. Limits and breakers are under{" "}
        <Link to="/connections">Connections</Link>.
      </PageHeader>
      {orchestrator === undefined ? (
        isPending && error === null ? (
          <Skeleton lines={6} label="Loading the orchestrator" />
        ) : (
          <ErrorState error={error} retry={() => void refetch()} />
        )
      ) : (
        <OrchestratorView orchestrator={orchestrator} />
      )}
    </div>
  );
}

function OrchestratorActions({
  orchestrator,
  onDone,
}: {
  readonly orchestrator: Orchestrator;
  readonly onDone: () => void;
}): ReactElement {
  const role = useRole();
  return (
    <>
      {listOrchestratorActions(orchestrator, role, onDone).map((action) => (
        <ActionButton key={action.label} action={action} />
      ))}
    </>
  );
}

function OrchestratorView({ orchestrator }: { readonly orchestrator: Orchestrator }): ReactElement {
  const { claiming, changed_by: changedBy, changed_at: changedAt, reason, problems, workers } = orchestrator;
  return (
    <>
      <section className="orchestrator-switch card" data-tone={claiming ? "good" : "held"} aria-label="Switch">
        <Icon name={claiming ? "play" : "pause"} size={28} />
        <div>
          <p className="orchestrator-word">{claiming ? "Started: workers take runs" : "Stopped: no run is taken"}</p>
          <p className="muted">
            {changedAt === null ? (
              "nobody has switched it yet"
            ) : (
              <>
                by {changedBy} <RelativeTime at={changedAt} />
                {reason === null ? "" : `: ${reason}`}
              </>
            )}
          </p>
        </div>
      </section>
      {problems.length === 0 ? null : (
        <section className="section" aria-labelledby="problems-title">
          <h2 id="problems-title">What needs you</h2>
          <ul className="problems">
            {problems.map((problem) => (
              <li key={problem} className="card" data-tone="bad">
                <Icon name="warning" />{" "}
                <span>
                  <MessageText text={problem} />
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <HealthFigures health={orchestrator.health} />
      <section className="section" aria-labelledby="workers-title">
        <h2 id="workers-title">Workers</h2>
        {workers.length === 0 ? (
          <div className="card">
            <p>No worker is known, so that runs wait. Start one on this machine or on any that reaches the store:</p>
            <CopyCommand command="millrace worker" />
          </div>
        ) : (
          <WorkerTable workers={workers} />
        )}
      </section>
      <p className="muted">
        Millrace {orchestrator.version} on {orchestrator.store === "postgres" ? "Postgres" : "SQLite"}; the store's
        clock says <Instant at={orchestrator.now} />.
      </p>
    </>
  );
}
