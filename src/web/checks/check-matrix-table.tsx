// The checks of one dataset as a matrix: a row a check, a column a run. A cell says its verdict by colour, shape and word, and
// leads to its run; a failing newest result is spelled out below, with the place of the rows.
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { type CheckRow } from "../../api/datasets/dataset.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import { MessageText } from "../components/tables/message-text.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { formatCount, formatInstant } from "../components/values/format-quantity.ts";
import { Icon, type IconName } from "../components/values/icon.tsx";
import { type Tone } from "../components/values/state-appearance.ts";
import { RelativeTime } from "../components/values/time.tsx";
import { serverNowMs } from "../queries/server-clock.ts";
import { verdictOf, type CheckGroup, type CheckResult, type CheckVerdict } from "./check-matrix.ts";
import { RunLink } from "../components/values/run-link.tsx";

const looks: Readonly<Record<CheckVerdict, { readonly icon: IconName; readonly tone: Tone; readonly label: string }>> =
  {
    passed: { icon: "check", tone: "good", label: "passed" },
    warned: { icon: "warning", tone: "warn", label: "warned" },
    quarantined: { icon: "skip", tone: "held", label: "quarantined rows" },
    blocked: { icon: "cross", tone: "bad", label: "blocked" },
  };

/** Newest runs on the left. */
export function CheckMatrix({ group }: { readonly group: CheckGroup }): ReactElement {
  const id = `checks-${group.dataset}-${group.jobName}`;
  return (
    <section className="card" aria-labelledby={id}>
      <header className="card-head">
        <h2 id={id}>
          <Link to="/datasets/$dataset" params={{ dataset: group.dataset }}>
            {group.dataset}
          </Link>
        </h2>
        <span className="muted">
          by{" "}
          <Link to="/jobs/$jobName" params={{ jobName: group.jobName }}>
            {group.jobName}
          </Link>
        </span>
        <span className="state state-soft" data-tone={group.failing > 0 ? "bad" : "good"}>
          <Icon name={group.failing > 0 ? "warning" : "check"} size={14} />
          {group.failing > 0
            ? `${group.failing} of ${group.rows.length} ${group.failing === 1 ? "fails" : "fail"}`
            : group.rows.length === 1
              ? "passes"
              : `all ${group.rows.length} pass`}
        </span>
      </header>
      <DataTable
        kind="matrix"
        label={`Checks of ${group.dataset} by run`}
        columns={listColumns(group)}
        rows={group.rows}
        idOf={({ check }) => check.name}
      />
      <Failing group={group} />
    </section>
  );
}

function listColumns({ runs }: CheckGroup): readonly Column<CheckGroup["rows"][number]>[] {
  return [
    { header: "Check", width: "minmax(120px, max-content)", cell: ({ check }) => check.name },
    { header: "Severity", cell: ({ check }) => <span className="muted">{check.severity}</span> },
    ...runs.map(({ runId, at }, index) => ({
      header: runId,
      head: (
        <Link
          to="/runs/$runId"
          params={{ runId }}
          className="check-run"
          title={`${runId} · ${formatInstant(at, serverNowMs())}`}
        >
          {runId}
        </Link>
      ),
      width: "28px",
      cell: ({ check, cells }: CheckGroup["rows"][number]) => {
        const result = cells[index] ?? null;
        return result === null ? <span className="muted">·</span> : <Verdict check={check} result={result} />;
      },
    })),
  ];
}

function Verdict({ check, result }: { readonly check: CheckRow; readonly result: CheckResult }): ReactElement {
  const { icon, tone, label } = looks[verdictOf(check, result)];
  const rows = result.passed ? "" : `, ${formatCount(result.failing_rows)} rows`;
  return (
    <span className="check-mark" data-tone={tone} title={`${label}${rows} · ${result.detail}`}>
      <Icon name={icon} size={14} />
      <span className="only-read">
        {label}
        {rows}
      </span>
    </span>
  );
}

function Failing({ group }: { readonly group: CheckGroup }): ReactElement | null {
  const failing = group.rows.flatMap(({ check }) => {
    const [newest] = check.results;
    return newest === undefined || newest.passed ? [] : [{ check, newest }];
  });
  if (failing.length === 0) return null;
  return (
    <ul className="check-failures">
      {failing.map(({ check, newest }) => (
        <li key={check.name}>
          <p>
            <Verdict check={check} result={newest} /> <strong>{check.name}</strong> <MessageText text={newest.detail} />
          </p>
          <p className="muted">
            {formatCount(newest.failing_rows)} {newest.failing_rows === 1 ? "row" : "rows"} in{" "}
            <RunLink runId={newest.run_id} />, <RelativeTime at={newest.at} />
            {newest.rows_at === null ? null : (
              <>
                {" · rows in "}
                <code>{newest.rows_at}</code>
              </>
            )}
          </p>
        </li>
      ))}
    </ul>
  );
}
