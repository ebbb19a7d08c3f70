// Attempts of a run: when, where, how each ended, and what it used.
import type { ReactElement } from "react";
import type { Attempt } from "../../../api/run.ts";
import { formatBytes, formatCount, formatMs } from "../../components/values/format-quantity.ts";
import { MessageText } from "../../components/tables/message-text.tsx";
import { Elapsed, Instant, Nothing } from "../../components/values/time.tsx";
import { describeAttemptEnd } from "../describe-attempt-end.ts";
import { DataTable } from "../../components/tables/data-table.tsx";
import type { Column } from "../../components/tables/table-props.ts";

const columns: readonly Column<Attempt>[] = [
  { header: "Attempt", cell: ({ attempt }) => attempt },
  { header: "Started", cell: ({ started_at: at }) => <Instant at={at} /> },
  {
    header: "Took",
    align: "end",
    cell: ({ started_at: from, ended_at: to }) => <Elapsed from={from} to={to} />,
  },
  { header: "End", cell: (attempt) => <End attempt={attempt} /> },
  { header: "Worker", cell: ({ worker }) => worker },
  { header: "CPU", align: "end", cell: ({ metrics }) => show(metrics?.cpu_ms, formatMs) },
  { header: "Memory", align: "end", cell: ({ metrics }) => show(metrics?.peak_memory_bytes, formatBytes) },
  {
    header: "Network",
    align: "end",
    cell: ({ metrics }) =>
      metrics?.network_bytes_in === null || metrics?.network_bytes_in === undefined ? (
        <Nothing text="not measured" />
      ) : (
        <span className="number" title="received and sent">
          ↓ {formatBytes(metrics.network_bytes_in)} ↑ {formatBytes(metrics.network_bytes_out ?? 0)}
        </span>
      ),
  },
  {
    header: "Store",
    align: "end",
    cell: ({ metrics }) =>
      metrics?.store_ms === null || metrics?.store_ms === undefined ? (
        <Nothing text="not measured" />
      ) : (
        <span className="number">
          {formatMs(metrics.store_ms)} in {formatCount(metrics.store_calls ?? 0)} calls
        </span>
      ),
  },
];

/** The newest first. */
export function AttemptsTable({ attempts }: { readonly attempts: readonly Attempt[] }): ReactElement {
  return (
    <>
      <DataTable label="Attempts" columns={columns} rows={attempts.toReversed()} idOf={({ epoch }) => String(epoch)} />
      {attempts.some(({ metrics }) => metrics?.shared === true) ? (
        <p className="muted">
          Other runs executed in the same process: its processor time and memory are shared figures.
        </p>
      ) : null}
    </>
  );
}

function End({ attempt }: { readonly attempt: Attempt }): ReactElement {
  if (attempt.ended_at === null) return <span>executes</span>;
  // One element, because a cell of a card on a phone lays its children out beside each other.
  return (
    <span>
      {describeAttemptEnd(attempt.end).text}
      {attempt.error === null ? null : (
        <span className="attempt-error">
          <code>{attempt.error.code}</code> <MessageText text={attempt.error.message} />
        </span>
      )}
    </span>
  );
}

function show(value: number | null | undefined, format: (value: number) => string): ReactElement {
  return value === null || value === undefined ? (
    <Nothing text="not measured" />
  ) : (
    <span className="number">{format(value)}</span>
  );
}
