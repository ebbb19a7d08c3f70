// One watermark: how far the job has read, how it got there, and what a person may do about it.
import { Link } from "@tanstack/react-router";
import { useState, type ReactElement } from "react";
import { type Watermark, type WatermarkVersion } from "../../api/state.ts";
import { type Action } from "../components/actions/action.ts";
import { ActionButton } from "../components/actions/action-button.tsx";
import { Icon } from "../components/values/icon.tsx";
import { RelativeTime } from "../components/values/time.tsx";
import { call } from "../queries/api-client.ts";
import { leastRole } from "../queries/permissions.ts";
import { useMayCall } from "../queries/session.ts";
import { WatermarkDialog } from "./watermark-dialog.tsx";

export interface WatermarkCardProps {
  readonly jobName: string;
  readonly watermark: Watermark;
  readonly onChanged: () => void;
}

/** Its history can be rewound to. */
export function WatermarkCard({ jobName, watermark, onChanged }: WatermarkCardProps): ReactElement {
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
  return (
    <div className="scroll-x" role="region" aria-label="Versions of the watermark" tabIndex={0}>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col">Value</th>
            <th scope="col">When</th>
            <th scope="col">By</th>
            <th scope="col">Reason</th>
            <th scope="col">
              <span className="only-read">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {history.map((entry) => (
            <tr key={entry.version}>
              <td className="number">{entry.version}</td>
              <td>
                <code>{String(entry.value)}</code>
              </td>
              <td>
                <RelativeTime at={entry.at} />
              </td>
              <td>
                {entry.run_id === null ? (
                  (entry.by ?? "unknown")
                ) : (
                  <Link to="/runs/$runId" params={{ runId: entry.run_id }}>
                    {entry.run_id}
                  </Link>
                )}
              </td>
              <td>{entry.reason}</td>
              <td>
                {entry.version === current || !mayPut ? null : (
                  <button type="button" className="link-button" onClick={() => onRewind(entry.value)}>
                    Go back to this<span className="only-read">: {String(entry.value)}</span>
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
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
