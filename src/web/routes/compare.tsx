// The screen `compare`.
import type { ReactElement } from "react";
import { PageHeader } from "../components/page-header.tsx";

/** Shows its heading. */
export function Compare(): ReactElement {
  return (
    <div className="screen">
      <PageHeader title="Compare" />
    </div>
  );
}
