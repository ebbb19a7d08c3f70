// Whether the orchestrator takes runs, always in sight.
import { Link } from "@tanstack/react-router";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useTopic } from "../../queries/live.ts";
import { keyOf, useApi } from "../../queries/use-api.ts";
import { Icon } from "../values/icon.tsx";

/** A link to the orchestrator's screen with its state and the number of problems. */
export function OrchestratorSwitch(): ReactElement | null {
  const client = useQueryClient();
  const { data: orchestrator, isError } = useApi("showOrchestrator", {}, { refetchMs: 15_000 });
  useTopic("jobs", (messages) => {
    if (messages.some(({ type }) => type === "orchestrator_changed" || type === "resync")) {
      void client.invalidateQueries({ queryKey: keyOf("showOrchestrator") });
    }
  });
  if (orchestrator === undefined) {
    return isError ? (
      <Link to="/orchestrator" className="orchestrator-state" data-tone="neutral">
        <Icon name="question" /> <span>Orchestrator unknown</span>
      </Link>
    ) : null;
  }
  const alive = orchestrator.workers.filter((worker) => worker.alive).length;
  const state = !orchestrator.claiming
    ? ({ tone: "held", icon: "pause", text: "Orchestrator stopped" } as const)
    : alive === 0
      ? ({ tone: "warn", icon: "warning", text: "No worker" } as const)
      : ({ tone: "good", icon: "check", text: `${alive} ${alive === 1 ? "worker" : "workers"}` } as const);
  const { problems } = orchestrator;
  return (
    <Link to="/orchestrator" className="orchestrator-state" data-tone={problems.length > 0 ? "bad" : state.tone}>
      <Icon name={problems.length > 0 ? "warning" : state.icon} />
      <span>
        {state.text}
        {problems.length === 0 ? null : ` · ${problems.length} ${problems.length === 1 ? "problem" : "problems"}`}
      </span>
    </Link>
  );
}
