// The screen `checks`.
import type { ReactElement } from "react";
import { PageHeader } from "../components/page-header.tsx";

/** Shows its heading. */
export function Checks(): ReactElement {
  return (
    <div className="screen">
      <PageHeader title="Checks" />
    </div>
  );
}
