// The first rows of a dataset, for those who may see rows.
import type { ReactElement } from "react";
import { RowTable } from "../components/values/row-table.tsx";
import { mayCall } from "../queries/permissions.ts";
import { useRole } from "../queries/session.ts";
import { useApi } from "../queries/use-api.ts";

const shownRows = 20;

/** Of the latest version. Nothing for a role that may not see rows. */
export function RowsSection({ dataset }: { readonly dataset: string }): ReactElement | null {
  const isAllowed = mayCall(useRole(), "listDatasetRows");
  const { data, error } = useApi(
    "listDatasetRows",
    { params: { dataset }, query: { limit: shownRows } },
    { enabled: isAllowed },
  );
  if (!isAllowed) return null;
  return (
    <section className="card" aria-labelledby="rows-title">
      <h2 id="rows-title">
        Rows {data?.has_more === true ? <span className="muted">the first {shownRows}</span> : null}
      </h2>
      {error === null ? (
        <RowTable
          label="Rows"
          names={(data?.columns ?? []).map(({ name }) => name)}
          items={data?.items ?? []}
          empty={<p className="muted">{data === undefined ? "loading" : "no rows"}</p>}
        />
      ) : (
        <p className="muted">{error.message}</p>
      )}
    </section>
  );
}
