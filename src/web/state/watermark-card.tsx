// One watermark: how far the job has read, how it got there, and what a person may do about it.
import { useState, type ReactElement } from "react";
import { type Watermark, type WatermarkVersion } from "../../api/state.ts";
import { type Action } from "../components/actions/action.ts";
import { ActionButton } from "../components/actions/action-button.tsx";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { Icon } from "../components/values/icon.tsx";
import { RelativeTime } from "../components/values/time.tsx";
import { call } from "../queries/api-client.ts";
import { leastRole } from "../queries/permissions.ts";
import { useMayCall } from "../queries/session.ts";
import { WatermarkDialog } from "./watermark-dialog.tsx";
import { RunLink } from "../components/values/run-link.tsx";

export interface WatermarkCardProps {
  readonly jobName: string;
  readonly watermark: Watermark;
  readonly onChanged: () => void;
  /** Where it was opened out of a list. */
  readonly onClose?: () => void;
}

/** Its history can be rewound to. */
export function WatermarkCard({ jobName, watermark, onChanged, onClose }: WatermarkCardProps): ReactElement {
  const [wanted, setWanted] = useState<string | number | null>(null);
  const mayPut = useMayCall("putWatermark");
  const { name, tenant, version, value, updated_at: updatedAt, history } = watermark;
  return (
    <article className="card" aria-label={`Watermark ${name}`}>
      <header className="card-head">
        <h3>{name}</h3>
        {tenant === "" || tenant === "default" ? null : <span className="tag">{tenant}</span>}
        <span className="muted">
          version {version} · <RelativeTime at={updatedAt} />
        </span>
        <div className="card-actions">
          {watermark.can_undo ? <ActionButton action={undoAction(jobName, watermark, mayPut, onChanged)} /> : null}
          <button
            type="button"
            className="button"
            aria-disabled={!mayPut}
            title={mayPut ? undefined : `needs the role ${leastRole("putWatermark")}`}
            onClick={() => (mayPut ? setWanted(value) : undefined)}
          >
            <Icon name="settings" /> Set or rewind
          </button>
          {onClose === undefined ? null : (
            <button type="button" className="button button-quiet" onClick={onClose}>
              <Icon name="close" /> <span className="only-read">Close {name}</span>
            </button>
          )}
        </div>
      </header>
      <p className="watermark-value">
        <code>{String(value)}</code>
      </p>
      <details className="watermark-history">
        <summary>
          History <span className="muted">({history.length})</span>
        </summary>
        <HistoryTable history={history} current={version} mayPut={mayPut} onRewind={setWanted} />
      </details>
      {wanted === null ? null : (
        <WatermarkDialog
          jobName={jobName}
          watermark={watermark}
          wanted={wanted}
          onClose={() => setWanted(null)}
          onChanged={onChanged}
        />
      )}
    </article>
  );
}

interface HistoryTableProps {
  readonly history: readonly WatermarkVersion[];
  readonly current: number;
  readonly mayPut: boolean;
  readonly onRewind: (value: string | number) => void;
}

function HistoryTable({ history, current, mayPut, onRewind }: HistoryTableProps): ReactElement {
  const columns: readonly Column<WatermarkVersion>[] = [
    { header: "Version", cell: ({ version }) => <span className="number">{version}</span> },
    { header: "Value", cell: ({ value }) => <code>{String(value)}</code> },
    { header: "When", cell: ({ at }) => <RelativeTime at={at} /> },
    { header: "By", cell: (entry) => <By entry={entry} /> },
    { header: "Reason", cell: ({ reason }) => reason },
    {
      header: "Actions",
      isHeaderHidden: true,
      cell: ({ version, value }) =>
        version === current || !mayPut ? null : (
          <button type="button" className="link-button" onClick={() => onRewind(value)}>
            Go back to this<span className="only-read">: {String(value)}</span>
          </button>
        ),
    },
  ];
  return (
    <DataTable
      label="Versions of the watermark"
      columns={columns}
      rows={history}
      idOf={({ version }) => String(version)}
    />
  );
}

function By({ entry: { run_id: runId, by } }: { readonly entry: WatermarkVersion }): ReactElement {
  if (runId === null) return <>{by ?? "unknown"}</>;
  return <RunLink runId={runId} />;
}

function undoAction(jobName: string, watermark: Watermark, mayPut: boolean, onChanged: () => void): Action {
  const { name, tenant, version, history } = watermark;
  const before = history.find((entry) => entry.version < version);
  return {
    label: "Undo",
    icon: "retry",
    whyNot: mayPut ? undefined : `needs the role ${leastRole("undoWatermark")}`,
    confirm: {
      title: `Take the last change of ${name} back?`,
      text: (
        <>
          It goes from <code>{String(watermark.value)}</code> back to{" "}
          <code>{String(before?.value ?? "what it was")}</code>.
        </>
      ),
    },
    run: async (answer) => {
      const body = { name, tenant, version, ...answer };
      try {
        const change = await call("undoWatermark", { params: { job_name: jobName }, body });
        return `${name} is ${String(change.after)} again`;
      } finally {
        onChanged();
      }
    },
  };
}
