// An address that no screen has.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { EmptyState } from "../tables/empty-state.tsx";
import { modifierName } from "./shortcuts.ts";
import { PageHeader } from "./page-header.tsx";

/** For unknown addresses. */
export function NotFound(): ReactElement {
  return (
    <div className="screen">
      <PageHeader title="Not found" />
      <EmptyState title="There is no screen at this address" icon="question">
        Press <kbd>{modifierName()}</kbd> <kbd>k</kbd> to find a job, a run or a dataset, or go <Link to="/">home</Link>
        .
      </EmptyState>
    </div>
  );
}
