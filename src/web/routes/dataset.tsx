// The screen `dataset`.
import type { ReactElement } from "react";
import { PageHeader } from "../components/page-header.tsx";

/** Shows its heading. */
export function DatasetScreen(): ReactElement {
  return (
    <div className="screen">
      <PageHeader title="Dataset" />
    </div>
  );
}
