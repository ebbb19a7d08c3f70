// Rows of a dataset that wait for a decision: which checks they break, since when, and what may be done.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { QuarantineView } from "../../api/datasets/quarantine.ts";
import { ActionButton } from "../components/actions/action-button.tsx";
import { CopyCommand } from "../components/actions/copy-command.tsx";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { formatCount } from "../components/values/format-quantity.ts";
import { RelativeTime } from "../components/values/time.tsx";
import { useRole } from "../queries/session.ts";
import { useApi } from "../queries/use-api.ts";
import { listQuarantineActions } from "./quarantine-actions.ts";

/** Shows the rows set aside of a dataset, or of a quarantine the dataset that they are missing from. Nothing while no row waits. */
export function QuarantineSection({ dataset }: { readonly dataset: string }): ReactElement | null {
  const { data } = useApi("listQuarantine", {}, { refetchMs: 30_000 });
  const view = data?.items.find((item) => item.dataset === dataset);
  if (view !== undefined) return <Quarantine view={view} />;
  const origin = data?.items.find((item) => item.quarantine === dataset);
  return origin === undefined ? null : <Origin dataset={origin.dataset} />;
}

function Origin({ dataset }: { readonly dataset: string }): ReactElement {
  return (
    <p className="muted">
      These are rows that checks set aside. They are released or discarded at{" "}
      <Link to="/datasets/$dataset" params={{ dataset }}>
        {dataset}
      </Link>
      .
    </p>
  );
}

function Quarantine({ view }: { readonly view: QuarantineView }): ReactElement {
  const columns: readonly Column<QuarantineView["checks"][number]>[] = [
    { header: "Check", cell: ({ name }) => <code>{name}</code> },
    { header: "Rows", align: "end", cell: ({ rows }) => formatCount(rows) },
    { header: "What to do", cell: ({ name }) => <Decisions view={view} check={name} /> },
  ];
  return (
    <section className="card" aria-labelledby="quarantine-title">
      <h2 id="quarantine-title">
        Quarantine <span className="muted number">{formatCount(view.rows)}</span>
      </h2>
      <p className="muted">
        Rows that checks set aside, the oldest <RelativeTime at={view.oldest_at} />. They are in{" "}
        <Link to="/datasets/$dataset" params={{ dataset: view.quarantine }}>
          {view.quarantine}
        </Link>{" "}
        until somebody, or a later run, resolves them.
      </p>
      <DataTable label="Rows in quarantine" columns={columns} rows={view.checks} idOf={({ name }) => name} />
      <CopyCommand command={`millrace quarantine show ${view.dataset}`} />
    </section>
  );
}

function Decisions({ view, check }: { readonly view: QuarantineView; readonly check: string }): ReactElement {
  const actions = listQuarantineActions(view, check, useRole());
  if (actions.length === 0) return <span className="muted">an editor decides</span>;
  return (
    <span className="links">
      {actions.map((action) => (
        <ActionButton key={action.label} action={action} />
      ))}
    </span>
  );
}
