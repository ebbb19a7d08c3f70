// The screen `orchestrator`.
import type { ReactElement } from "react";
import { PageHeader } from "../components/page-header.tsx";

/** Shows its heading. */
export function OrchestratorScreen(): ReactElement {
  return (
    <div className="screen">
      <PageHeader title="Engine" />
    </div>
  );
}
