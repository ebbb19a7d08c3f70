// The statuses of a project, each with what Jira says of it and what counts; whoever may says otherwise.
import type { ReactElement } from "react";
import type { WorkflowStatus } from "../../api/delivery/workflow.ts";
import { type StatusMeaning, statusMeanings, type StatusSaying } from "../../core/delivery/status-mapping.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { Nothing, RelativeTime } from "../components/values/time.tsx";
import { type SayingDraft, toSaying } from "./draft-sayings.ts";
import { meaningNames } from "./status-words.ts";

export interface StatusTableProps {
  readonly statuses: readonly WorkflowStatus[];
  readonly draft: SayingDraft;
  readonly mayChange: boolean;
  readonly onChange: (status: WorkflowStatus, change: Partial<StatusSaying>) => void;
}

export function StatusTable({ statuses, draft, mayChange, onChange }: StatusTableProps): ReactElement {
  const sayingOf = (status: WorkflowStatus): StatusSaying => draft[status.status_id] ?? toSaying(status);
  const columns: readonly Column<WorkflowStatus>[] = [
    { header: "Status", isTitle: true, width: "minmax(140px, 1fr)", cell: StatusName },
    { header: "Jira says", cell: ({ jira_category: category }) => meaningNames[category] },
    {
      header: "Counts as",
      cell: (status) => (
        <Choice
          label={`What ${nameOf(status)} counts as`}
          isDisabled={!mayChange}
          value={sayingOf(status).category ?? ""}
          choices={[["", `as Jira says: ${meaningNames[status.jira_category]}`], ...meanings]}
          onChoose={(value) => onChange(status, { category: toMeaning(value) })}
        />
      ),
    },
    {
      header: "Work in it",
      cell: (status) => (
        <Choice
          label={`Whether work waits in ${nameOf(status)}`}
          isDisabled={!mayChange}
          value={waitingText(sayingOf(status).is_waiting)}
          choices={[["", byName(status)], ...waitings]}
          onChoose={(value) => onChange(status, { is_waiting: value === "" ? null : value === "waiting" })}
        />
      ),
    },
    { header: "Said by", cell: SaidBy },
  ];
  return (
    <DataTable
      label="Statuses"
      columns={columns}
      rows={statuses}
      idOf={({ status_id: id }) => id}
      isMarked={({ status_id: id }) => draft[id] !== undefined}
    />
  );
}

const meanings = statusMeanings.map((meaning) => [meaning, meaningNames[meaning]] as const);
const waitings = [
  ["active", "active"],
  ["waiting", "waiting"],
] as const;

interface ChoiceProps {
  readonly label: string;
  readonly isDisabled: boolean;
  readonly value: string;
  readonly choices: readonly (readonly [value: string, text: string])[];
  readonly onChoose: (value: string) => void;
}

function Choice({ label, isDisabled, value, choices, onChoose }: ChoiceProps): ReactElement {
  return (
    <select
      className="filter"
      aria-label={label}
      disabled={isDisabled}
      value={value}
      onChange={(event) => onChoose(event.target.value)}
    >
      {choices.map(([each, text]) => (
        <option key={each} value={each}>
          {text}
        </option>
      ))}
    </select>
  );
}

function StatusName(status: WorkflowStatus): ReactElement {
  const { types, is_current: isCurrent } = status;
  return (
    <span className="change-title">
      <span>{nameOf(status)}</span>
      {isCurrent ? (
        <span className="muted">{types.join(", ")}</span>
      ) : (
        <span className="tag" title="only histories of issues name it">
          no longer used
        </span>
      )}
    </span>
  );
}

function SaidBy({ edited_by: by, edited_at: at }: WorkflowStatus): ReactElement {
  if (by === null) return <Nothing text="nobody" />;
  return (
    <span>
      {by} {at === null ? null : <RelativeTime at={at} />}
    </span>
  );
}

function nameOf({ name, status_id: id }: WorkflowStatus): string {
  return name ?? `status ${id}`;
}

/** What the name of a status says is known where nobody has said otherwise. */
function byName({ is_waiting: isWaiting, is_waiting_said: isSaid }: WorkflowStatus): string {
  return isSaid ? "by its name" : `by its name: ${waitingText(isWaiting)}`;
}

function waitingText(isWaiting: boolean | null): string {
  if (isWaiting === null) return "";
  return isWaiting ? "waiting" : "active";
}

function toMeaning(value: string): StatusMeaning | null {
  return statusMeanings.find((meaning) => meaning === value) ?? null;
}
