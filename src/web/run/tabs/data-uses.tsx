// Shows what a run read and wrote, and the results of its checks.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { DatasetUse, RunCheck } from "../../../api/run.ts";
import { formatCount } from "../../components/values/format-quantity.ts";
import type { StateAppearance } from "../../components/values/state-appearance.ts";
import { StateMark } from "../../components/values/state-mark.tsx";
import { Nothing } from "../../components/values/time.tsx";
import { DataTable } from "../../components/tables/data-table.tsx";
import { MessageText } from "../../components/tables/message-text.tsx";
import type { Column } from "../../components/tables/table-props.ts";

const name: Column<DatasetUse> = {
  header: "Dataset",
  cell: ({ dataset }) => (
    <Link to="/datasets/$dataset" params={{ dataset }}>
      {dataset}
    </Link>
  ),
};

const job: Column<DatasetUse> = { header: "Job", cell: ({ job_name: jobName }) => jobName };

const outputs: readonly Column<DatasetUse>[] = [
  name,
  job,
  { header: "Version", align: "end", cell: ({ version }) => count(version) },
  {
    header: "Rows written",
    align: "end",
    cell: ({ rows, changed }) => (changed === false ? <span className="muted">unchanged</span> : count(rows)),
  },
  { header: "Rows in it", align: "end", cell: ({ row_count: rowCount }) => count(rowCount) },
];

const checks: readonly Column<RunCheck>[] = [
  { header: "Check", cell: (check) => check.name },
  { header: "Dataset", cell: ({ dataset }) => dataset },
  { header: "Result", cell: (check) => <CheckResult check={check} /> },
  { header: "Failing rows", align: "end", cell: ({ failing_rows: rows }) => count(rows) },
  { header: "Detail", cell: ({ detail }) => <MessageText text={detail} /> },
];

export function Inputs({ uses }: { readonly uses: readonly DatasetUse[] }): ReactElement {
  return <DataTable label="Inputs" columns={[name, job]} rows={uses} idOf={keyOfUse} />;
}

export function Outputs({ uses }: { readonly uses: readonly DatasetUse[] }): ReactElement {
  return <DataTable label="Outputs" columns={outputs} rows={uses} idOf={keyOfUse} />;
}

/** Those that failed come first. */
export function ChecksTable({ results }: { readonly results: readonly RunCheck[] }): ReactElement {
  const rows = results.toSorted((a, b) => Number(a.passed) - Number(b.passed));
  return (
    <DataTable
      label="Checks"
      columns={checks}
      rows={rows}
      idOf={(check) => `${check.job_name} ${check.dataset} ${check.name}`}
    />
  );
}

function CheckResult({ check }: { readonly check: RunCheck }): ReactElement {
  return <StateMark {...(check.passed ? passed : verdicts[check.severity])} />;
}

const passed: StateAppearance = { tone: "good", icon: "check", label: "Passed" };

/** What a check that failed did. */
const verdicts: Readonly<Record<RunCheck["severity"], StateAppearance>> = {
  block: { tone: "bad", icon: "cross", label: "Blocked" },
  warn: { tone: "warn", icon: "warning", label: "Warned" },
  quarantine: { tone: "held", icon: "inbox", label: "Set rows aside" },
};

function keyOfUse({ dataset, job_name: jobName }: DatasetUse): string {
  return `${jobName} ${dataset}`;
}

function count(value: number | null): ReactElement {
  return value === null ? <Nothing text="not known" /> : <span className="number">{formatCount(value)}</span>;
}
