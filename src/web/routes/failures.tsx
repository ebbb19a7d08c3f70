// The screen `failures`.
import type { ReactElement } from "react";
import { PageHeader } from "../components/page-header.tsx";

/** Shows its heading. */
export function Failures(): ReactElement {
  return (
    <div className="screen">
      <PageHeader title="Failures" />
    </div>
  );
}
