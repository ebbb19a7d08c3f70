// What needs a person, on top of everything; nothing when all is well.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Orchestrator } from "../../api/orchestrator.ts";
import { Icon } from "../components/values/icon.tsx";
import { MessageText } from "../components/tables/message-text.tsx";

/** Problems of the orchestrator as the server says them, and its switch when it is off. */
export function HealthNotice({ orchestrator }: { readonly orchestrator: Orchestrator }): ReactElement | null {
  const { problems, claiming, reason, changed_by: changedBy } = orchestrator;
  const switchedOff = claiming
    ? []
    : [`the orchestrator takes no runs: stopped by ${changedBy}${reason === null ? "" : `, ${reason}`}`];
  const all = [...switchedOff, ...problems];
  if (all.length === 0) return null;
  return (
    <section className="notice" data-tone={problems.length > 0 ? "bad" : "held"} aria-label="What needs you">
      <Icon name="warning" size={20} />
      <ul>
        {all.map((problem) => (
          <li key={problem}>
            <MessageText text={problem} />
          </li>
        ))}
      </ul>
      <Link to="/orchestrator" className="button">
        Look at the orchestrator
      </Link>
    </section>
  );
}
