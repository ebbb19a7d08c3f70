// The first rows of a dataset, for those who may see rows.
import type { ReactElement } from "react";
import type { JsonValue } from "../../api/page.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { mayCall } from "../queries/permissions.ts";
import { useRole } from "../queries/session.ts";
import { useApi } from "../queries/use-api.ts";

const shownRows = 20;

interface NumberedRow {
  readonly number: number;
  readonly item: Readonly<Record<string, JsonValue>>;
}

/** Of the latest version. Nothing for a role that may not see rows. */
export function RowsSection({ dataset }: { readonly dataset: string }): ReactElement | null {
  const isAllowed = mayCall(useRole(), "listDatasetRows");
  const { data, error } = useApi(
    "listDatasetRows",
    { params: { dataset }, query: { limit: shownRows } },
    { enabled: isAllowed },
  );
  if (!isAllowed) return null;
  const columns: readonly Column<NumberedRow>[] = (data?.columns ?? []).map(({ name }) => ({
    header: name,
    cell: ({ item }) => <Cell value={item[name] ?? null} />,
  }));
  const rows = (data?.items ?? []).map((item, index) => ({ number: index + 1, item }));
  return (
    <section className="card" aria-labelledby="rows-title">
      <h2 id="rows-title">
        Rows {data?.has_more === true ? <span className="muted">the first {shownRows}</span> : null}
      </h2>
      {error === null ? (
        <DataTable
          label="Rows"
          kind="matrix"
          columns={columns}
          rows={rows}
          idOf={({ number }) => String(number)}
          empty={<p className="muted">{data === undefined ? "loading" : "no rows"}</p>}
        />
      ) : (
        <p className="muted">{error.message}</p>
      )}
    </section>
  );
}

function Cell({ value }: { readonly value: JsonValue }): ReactElement {
  if (value === null) return <span className="muted">NULL</span>;
  return <>{typeof value === "string" ? value : JSON.stringify(value)}</>;
}
