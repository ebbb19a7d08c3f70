// What a schedule waits for: in a line of a list, and as a table on the page of its job.
import { Link } from "@tanstack/react-router";
import "./calendar.css";
import type { ReactElement } from "react";
import { formatDuration } from "../../core/duration.ts";
import type { Fire, ScheduleView, TriggerView } from "../../api/schedule.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { formatCount } from "../components/values/format-quantity.ts";
import { Icon } from "../components/values/icon.tsx";
import { RunLink } from "../components/values/run-link.tsx";
import { DueTime, Nothing, RelativeTime } from "../components/values/time.tsx";
import { RichText } from "../run/rich-text.tsx";

/** When it fires next: an instant, or what has to come or end before. */
export function NextFire({ schedule }: { readonly schedule: ScheduleView }): ReactElement {
  const { defined, paused, paused_by: by, trigger, held_by: holds, next_fire_at: nextAt } = schedule;
  if (!defined) return <span className="muted">nobody here defines it</span>;
  if (paused) {
    return (
      <span className="state state-plain" data-tone="held">
        <Icon name="pause" size={14} /> paused{by === null ? "" : ` by ${by}`}
      </span>
    );
  }
  const waits = trigger === null ? null : <RichText text={trigger.summary} />;
  if (holds.length === 0) return waits === null ? <DueTime at={nextAt} /> : <span>{waits}</span>;
  return (
    <span className="held-by">
      {waits ?? <DueTime at={nextAt} />}, <Holds holds={holds} />
    </span>
  );
}

function Holds({ holds }: { readonly holds: ScheduleView["held_by"] }): ReactElement {
  const [first, ...others] = holds;
  if (first === undefined) return <Nothing />;
  const more = others.length === 0 ? "" : `, and ${others.length} more`;
  return (
    <>
      held by{" "}
      {first.run_id === null ? (
        <Link to="/jobs/$jobName" params={{ jobName: first.job_name }}>
          {first.job_name}
        </Link>
      ) : (
        <RunLink runId={first.run_id} />
      )}
      {first.run_id === null ? `, which ${holdWords[first.because]}` : ", the run before"}
      {more}
    </>
  );
}

const holdWords: Readonly<Record<ScheduleView["held_by"][number]["because"], string>> = {
  unfinished: "is under way",
  failed: "failed",
  not_run: "has not run since",
};

/** When it was looked at last, and how often that is. */
export function Looks({ trigger }: { readonly trigger: TriggerView }): ReactElement {
  return (
    <>
      every {formatDuration(trigger.look_every_ms)},{" "}
      {trigger.looked_at === null ? (
        "not yet"
      ) : (
        <>
          last <RelativeTime at={trigger.looked_at} />
        </>
      )}
    </>
  );
}

/** What has come and what is missing. */
export function AwaitedTable({ trigger }: { readonly trigger: TriggerView }): ReactElement {
  const { datasets, files } = trigger;
  if (files !== null) return <AwaitedFiles files={files} />;
  return (
    <DataTable label="Datasets that it waits for" columns={columns} rows={datasets} idOf={({ dataset }) => dataset} />
  );
}

type AwaitedDataset = TriggerView["datasets"][number];

const columns: readonly Column<AwaitedDataset>[] = [
  {
    header: "Dataset",
    isTitle: true,
    cell: ({ dataset }) => (
      <Link to="/datasets/$dataset" params={{ dataset }}>
        {dataset}
      </Link>
    ),
  },
  { header: "Latest version", align: "end", cell: ({ version }) => <Version version={version} /> },
  { header: "At the last fire", align: "end", cell: ({ seen_version: seen }) => <Version version={seen} /> },
  {
    header: "New",
    cell: ({ is_new: isNew }) => (
      <span className="state state-plain" data-tone={isNew ? "good" : "waiting"}>
        <Icon name={isNew ? "check" : "clock"} size={14} /> {isNew ? "has come" : "waits"}
      </span>
    ),
  },
];

function Version({ version }: { readonly version: number | null }): ReactElement {
  return version === null ? <Nothing /> : <span className="number">{version}</span>;
}

function AwaitedFiles({ files }: { readonly files: NonNullable<TriggerView["files"]> }): ReactElement {
  const { taken, arriving, arriving_count: count } = files;
  return (
    <>
      <p>
        {taken === 0 ? "No file that is there was taken yet" : `${formatCount(taken)} of the files there were taken`}.{" "}
        {count === 0
          ? "None is arriving."
          : `${formatCount(count)} arriving: taken when they are the same at the next look.`}
      </p>
      {count === 0 ? null : (
        <ul className="arriving-files">
          {arriving.map((path) => (
            <li key={path}>
              <code>{path}</code>
            </li>
          ))}
          {count > arriving.length ? <li className="muted">and {formatCount(count - arriving.length)} more</li> : null}
        </ul>
      )}
    </>
  );
}

/** What a fire was for. */
export function FireCause({ cause }: { readonly cause: NonNullable<Fire["cause"]> }): ReactElement {
  const { datasets, files, file_count: count } = cause;
  const [first] = files;
  return (
    <span className="muted">
      for{" "}
      {datasets.map(({ dataset, version }, index) => (
        <span key={dataset}>
          {index === 0 ? "" : ", "}
          <Link to="/datasets/$dataset" params={{ dataset }}>
            {dataset}
          </Link>{" "}
          {version}
        </span>
      ))}
      {first === undefined ? null : (
        <span title={files.join("\n")}>
          <code>{first}</code>
          {count > 1 ? ` and ${formatCount(count - 1)} more` : ""}
        </span>
      )}
    </span>
  );
}
