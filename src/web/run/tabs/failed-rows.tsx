// Rows that broke the blocking checks of a run, for those who may see rows.
import { useState, type ReactElement } from "react";
import { Skeleton } from "../../components/frame/skeleton.tsx";
import { ErrorState } from "../../components/tables/error-state.tsx";
import { RowTable } from "../../components/values/row-table.tsx";
import { mayCall } from "../../queries/permissions.ts";
import { useRole } from "../../queries/session.ts";
import { useApi } from "../../queries/use-api.ts";

/** Asked for when somebody opens it. Nothing for a role that may not see rows. */
export function FailedRows({ runId }: { readonly runId: string }): ReactElement | null {
  const [isOpen, setIsOpen] = useState(false);
  const isAllowed = mayCall(useRole(), "listFailedRows");
  if (!isAllowed) return null;
  return (
    <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>Rows that failed</summary>
      {isOpen ? <Samples runId={runId} /> : null}
    </details>
  );
}

function Samples({ runId }: { readonly runId: string }): ReactElement {
  const { data, error, refetch } = useApi("listFailedRows", { params: { run_id: runId } });
  if (error !== null) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={4} label="Loading rows" />;
  if (data.items.length === 0) {
    return <p className="muted">They are not kept any more, or on the machine of the worker.</p>;
  }
  return (
    <>
      {data.items.map(({ dataset, check, items }) => (
        <section key={`${dataset} ${check}`} aria-label={`Rows of ${dataset} that fail ${check}`}>
          <h3>
            {check} <span className="muted">{dataset}, at most 20 rows</span>
          </h3>
          <RowTable
            label={`Rows that fail ${check}`}
            names={[...new Set(items.flatMap((item) => Object.keys(item)))]}
            items={items}
            empty={<p className="muted">no rows of its own</p>}
          />
        </section>
      ))}
    </>
  );
}
