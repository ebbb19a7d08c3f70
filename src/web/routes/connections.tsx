// The screen `connections`.
import type { ReactElement } from "react";
import { PageHeader } from "../components/page-header.tsx";

/** Shows its heading. */
export function Connections(): ReactElement {
  return (
    <div className="screen">
      <PageHeader title="Connections" />
    </div>
  );
}
