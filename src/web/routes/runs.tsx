// The screen `runs`.
import type { ReactElement } from "react";
import { PageHeader } from "../components/page-header.tsx";

/** Shows its heading. */
export function Runs(): ReactElement {
  return (
    <div className="screen">
      <PageHeader title="Runs" />
    </div>
  );
}
