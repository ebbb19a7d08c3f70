// The screen `datasets`.
import type { ReactElement } from "react";
import { PageHeader } from "../components/page-header.tsx";

/** Shows its heading. */
export function Datasets(): ReactElement {
  return (
    <div className="screen">
      <PageHeader title="Datasets" />
    </div>
  );
}
