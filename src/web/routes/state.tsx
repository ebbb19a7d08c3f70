// The screen `state`.
import type { ReactElement } from "react";
import { PageHeader } from "../components/page-header.tsx";

/** Shows its heading. */
export function StateScreen(): ReactElement {
  return (
    <div className="screen">
      <PageHeader title="State" />
    </div>
  );
}
