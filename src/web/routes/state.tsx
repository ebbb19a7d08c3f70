// The screen of what a job remembers: the same as the tab, with an address of its own to send to somebody.
import { Link, useParams } from "@tanstack/react-router";
import "../styles/panels.css";
import type { ReactElement } from "react";
import { PageHeader } from "../components/frame/page-header.tsx";
import { StatePanel } from "../state/state-panel.tsx";

/** Checkpoints and watermarks of one job. */
export function StateScreen(): ReactElement {
  const { jobName } = useParams({ from: "/jobs/$jobName/state" });
  return (
    <div className="screen">
      <PageHeader
        title={`State of ${jobName}`}
        above={
          <Link to="/jobs/$jobName" params={{ jobName }}>
            {jobName}
          </Link>
        }
      />
      <StatePanel jobName={jobName} />
    </div>
  );
}
