// A run by its id, with the name of its job where that is not plain.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";

export interface RunLinkProps {
  readonly runId: string;
  readonly jobName?: string;
}

/** Leads to the run. */
export function RunLink({ runId, jobName }: RunLinkProps): ReactElement {
  const link = (
    <Link to="/runs/$runId" params={{ runId }}>
      {runId}
    </Link>
  );
  if (jobName === undefined) return link;
  return (
    <span>
      {link} <span className="muted">{jobName}</span>
    </span>
  );
}
