// The orchestrator's health in six figures, each with what it means when it is high.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Orchestrator } from "../../api/orchestrator.ts";
import { formatCount } from "../components/values/format-quantity.ts";
import { Icon } from "../components/values/icon.tsx";

interface Figure {
  readonly key: keyof Orchestrator["health"];
  readonly label: string;
  readonly text: string;
  /** More than none of it is a problem. */
  readonly isBad?: boolean;
  readonly state?: string;
}

const figures: readonly Figure[] = [
  { key: "executing", label: "Executing", text: "under a lease now", state: "RUNNING" },
  { key: "ready", label: "Ready", text: "wait for a worker only", state: "PENDING" },
  { key: "retries", label: "Retries", text: "wait for their next attempt", state: "PENDING" },
  { key: "dead_leases", label: "Dead leases", text: "held by workers that are gone", isBad: true },
  { key: "late_runs", label: "Late runs", text: "due, but not begun in time", isBad: true },
  { key: "late_schedules", label: "Late schedules", text: "should have fired by now", isBad: true },
];

/** Bad figures above zero say so by colour and sign. */
export function HealthFigures({ health }: { readonly health: Orchestrator["health"] }): ReactElement {
  return (
    <section className="section" aria-labelledby="health-title">
      <h2 id="health-title">Health</h2>
      <dl className="figures">
        {figures.map(({ key, label, text, isBad = false, state }) => {
          const value = health[key];
          const isAlarm = isBad && value > 0;
          return (
            <div key={key} className="card" data-tone={isAlarm ? "bad" : "neutral"}>
              <dt>
                {isAlarm ? <Icon name="warning" size={14} /> : null} {label}
              </dt>
              <dd className="figure number">
                {state !== undefined && value > 0 ? (
                  <Link to="/runs" search={{ state }}>
                    {formatCount(value)}
                  </Link>
                ) : (
                  formatCount(value)
                )}
              </dd>
              <dd className="muted">{text}</dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}
