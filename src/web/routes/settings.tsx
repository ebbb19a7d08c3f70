// The screen `settings`.
import type { ReactElement } from "react";
import { PageHeader } from "../components/page-header.tsx";

/** Shows its heading. */
export function Settings(): ReactElement {
  return (
    <div className="screen">
      <PageHeader title="Settings" />
    </div>
  );
}
