// The screen `home`.
import type { ReactElement } from "react";
import { PageHeader } from "../components/page-header.tsx";

/** Shows its heading. */
export function Home(): ReactElement {
  return (
    <div className="screen">
      <PageHeader title="Home" />
    </div>
  );
}
