// The screen `run`.
import type { ReactElement } from "react";
import { PageHeader } from "../components/page-header.tsx";

/** Shows its heading. */
export function RunScreen(): ReactElement {
  return (
    <div className="screen">
      <PageHeader title="Run" />
    </div>
  );
}
