// The screen `job`.
import type { ReactElement } from "react";
import { PageHeader } from "../components/page-header.tsx";

/** Shows its heading. */
export function JobScreen(): ReactElement {
  return (
    <div className="screen">
      <PageHeader title="Job" />
    </div>
  );
}
