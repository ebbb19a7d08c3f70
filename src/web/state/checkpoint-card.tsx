// The checkpoints of one run: up to three versions, what changed from one to the next, and an editor with preview.
import { useState, type ReactElement } from "react";
import { type Checkpoint } from "../../api/state.ts";
import { Icon } from "../components/values/icon.tsx";
import { JsonView } from "../components/values/json-view.tsx";
import { StateBadge } from "../components/values/state-badge.tsx";
import { RelativeTime } from "../components/values/time.tsx";
import { leastRole } from "../queries/permissions.ts";
import { useMayCall } from "../queries/session.ts";
import { CheckpointDialog } from "./checkpoint-dialog.tsx";
import { diffJson } from "./diff-json.ts";
import { DifferenceTable } from "./difference-table.tsx";
import { RunLink } from "../components/values/run-link.tsx";

export interface CheckpointCardProps {
  readonly jobName: string;
  readonly checkpoint: Checkpoint;
  readonly onChanged: () => void;
}

/** The newest version is open. */
export function CheckpointCard({ jobName, checkpoint, onChanged }: CheckpointCardProps): ReactElement {
  const { run_id: runId, state, versions } = checkpoint;
  const [shown, setShown] = useState<number | null>(null);
  const [isEditing, setEditing] = useState(false);
  const mayPut = useMayCall("putCheckpoint");
  const current = versions.find((entry) => entry.version === shown) ?? versions[0];
  const before = versions[versions.findIndex((entry) => entry === current) + 1];
  const whyNot =
    state === "RUNNING"
      ? "pause or stop the run first"
      : mayPut
        ? undefined
        : `needs the role ${leastRole("putCheckpoint")}`;
  return (
    <article className="card" aria-label={`Checkpoint of ${runId}`}>
      <header className="card-head">
        <h3>
          <RunLink runId={runId} />
        </h3>
        <StateBadge state={state} look="plain" />
        <div className="card-actions">
          <VersionChoice versions={versions} current={current?.version} onChoose={setShown} />
          <button
            type="button"
            className="button"
            aria-disabled={whyNot !== undefined}
            title={whyNot}
            onClick={() => (whyNot === undefined ? setEditing(true) : undefined)}
          >
            <Icon name="settings" /> Edit
          </button>
        </div>
      </header>
      {current === undefined ? null : <VersionView current={current} before={before} />}
      {isEditing ? (
        <CheckpointDialog
          jobName={jobName}
          checkpoint={checkpoint}
          onClose={() => setEditing(false)}
          onChanged={onChanged}
        />
      ) : null}
    </article>
  );
}

type Version = Checkpoint["versions"][number];

interface VersionChoiceProps {
  readonly versions: readonly Version[];
  readonly current: number | undefined;
  readonly onChoose: (version: number) => void;
}

function VersionChoice({ versions, current, onChoose }: VersionChoiceProps): ReactElement {
  return (
    <div className="segments" role="group" aria-label="Version">
      {versions.map(({ version, readable }) => (
        <button key={version} type="button" aria-pressed={version === current} onClick={() => onChoose(version)}>
          v{version}
          {readable ? null : " (damaged)"}
        </button>
      ))}
    </div>
  );
}

interface VersionViewProps {
  readonly current: Version;
  /** The one before it, if it is kept. */
  readonly before: Version | undefined;
}

function VersionView({ current, before }: VersionViewProps): ReactElement {
  return (
    <>
      <p className="muted">
        version {current.version}, saved <RelativeTime at={current.saved_at} />
      </p>
      {current.readable ? (
        <JsonView value={current.data} />
      ) : (
        <p className="notice" role="note">
          <Icon name="warning" /> Its checksum does not hold: the orchestrator uses the version before it.
        </p>
      )}
      {before === undefined || !before.readable || !current.readable ? null : (
        <details>
          <summary>Changed since version {before.version}</summary>
          <DifferenceTable
            label={`From version ${before.version} to ${current.version}`}
            differences={diffJson(before.data, current.data)}
          />
        </details>
      )}
    </>
  );
}
