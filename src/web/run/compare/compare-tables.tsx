// The tables of two runs side by side: params, jobs, datasets. The first run is always left.
import type { ReactElement, ReactNode } from "react";
import type { JsonValue } from "../../../api/page.ts";
import type { Comparison, Difference } from "../../../api/run.ts";
import { formatCount, formatMs } from "../../components/values/format-quantity.ts";
import { StateBadge } from "../../components/values/state-badge.tsx";
import { Duration, Nothing } from "../../components/values/time.tsx";
import {
  compareCounts,
  compareDurations,
  formatShare,
  sortByDifference,
  type ComparedJob,
  type Delta,
} from "./compare-deltas.ts";
import { DataTable } from "../../components/tables/data-table.tsx";
import type { Column } from "../../components/tables/table-props.ts";

type ComparedDataset = Comparison["datasets"][number];

export interface CompareTableProps {
  readonly comparison: Comparison;
}

/** Only what differs. */
export function ParamsTable({ comparison: { params, runs } }: CompareTableProps): ReactElement {
  const columns: readonly Column<Difference>[] = [
    { header: "Param", cell: ({ path }) => <code>{path}</code> },
    { header: runs[0].run_id, cell: ({ before }) => <Value value={before} /> },
    { header: runs[1].run_id, cell: ({ after }) => <Value value={after} /> },
  ];
  return (
    <DataTable
      label="Params that differ"
      columns={columns}
      rows={params}
      idOf={({ path }) => path}
      empty={<p className="muted">Both had the same params.</p>}
    />
  );
}

/** The greatest differences first. */
export function JobsTable({ comparison: { jobs, runs } }: CompareTableProps): ReactElement {
  const [a, b] = runs;
  const columns: readonly Column<ComparedJob>[] = [
    { header: "Job", cell: ({ job_name: name }) => name },
    { header: `State ${a.run_id}`, cell: ({ states }) => <State state={states[0]} /> },
    { header: `State ${b.run_id}`, cell: ({ states }) => <State state={states[1]} /> },
    { header: `Took ${a.run_id}`, align: "end", cell: ({ durations_ms: ms }) => <Duration ms={ms[0]} /> },
    { header: `Took ${b.run_id}`, align: "end", cell: ({ durations_ms: ms }) => <Duration ms={ms[1]} /> },
    {
      header: "Slower by",
      align: "end",
      cell: ({ durations_ms: ms }) => <DeltaText delta={compareDurations(ms)} format={formatMs} isGrowthBad />,
    },
    { header: `Rows ${a.run_id}`, align: "end", cell: ({ rows }) => <Count value={rows[0]} /> },
    { header: `Rows ${b.run_id}`, align: "end", cell: ({ rows }) => <Count value={rows[1]} /> },
    {
      header: "More rows",
      align: "end",
      cell: ({ rows }) => <DeltaText delta={compareCounts(rows)} format={formatCount} />,
    },
    {
      header: "Attempts",
      align: "end",
      cell: ({ attempts: [before, after] }) => `${before ?? "–"} → ${after ?? "–"}`,
    },
  ];
  return (
    <DataTable
      label="Jobs of both runs"
      columns={columns}
      rows={sortByDifference(jobs)}
      idOf={({ job_name: name }) => name}
    />
  );
}

export function DatasetsTable({ comparison: { datasets, runs } }: CompareTableProps): ReactElement {
  const columns: readonly Column<ComparedDataset>[] = [
    { header: "Dataset", cell: ({ dataset }) => dataset },
    {
      header: "Version",
      align: "end",
      cell: ({ versions: [before, after] }) => `${before ?? "–"} → ${after ?? "–"}`,
    },
    { header: `Rows ${runs[0].run_id}`, align: "end", cell: ({ row_counts: rows }) => <Count value={rows[0]} /> },
    { header: `Rows ${runs[1].run_id}`, align: "end", cell: ({ row_counts: rows }) => <Count value={rows[1]} /> },
    {
      header: "More rows",
      align: "end",
      cell: ({ row_counts: rows }) => <DeltaText delta={compareCounts(rows)} format={formatCount} />,
    },
    { header: "Columns", cell: (dataset) => <Columns dataset={dataset} /> },
  ];
  return <DataTable label="Datasets of both runs" columns={columns} rows={datasets} idOf={({ dataset }) => dataset} />;
}

interface DeltaTextProps {
  readonly delta: Delta | undefined;
  readonly format: (value: number) => string;
  /** More is worse: said in words, too. */
  readonly isGrowthBad?: boolean;
}

function DeltaText({ delta, format, isGrowthBad = false }: DeltaTextProps): ReactElement {
  if (delta === undefined) return <Nothing text="not comparable" />;
  const { difference, share, isNotable } = delta;
  if (difference === 0) return <span className="muted">same</span>;
  const tone = !isNotable ? "neutral" : !isGrowthBad ? "held" : difference > 0 ? "bad" : "good";
  return (
    <span className="delta number" data-tone={tone}>
      {difference > 0 ? "+" : "−"}
      {format(Math.abs(difference))}
      {share === undefined ? null : <span className="delta-share"> {formatShare(share)}</span>}
    </span>
  );
}

function Columns({
  dataset: { columns_added: added, columns_removed: removed },
}: {
  readonly dataset: ComparedDataset;
}): ReactNode {
  if (added.length + removed.length === 0) return <span className="muted">same</span>;
  return (
    <ul className="columns-diff">
      {added.map((name) => (
        <li key={`+${name}`} data-tone="good">
          <ins>+ {name}</ins>
        </li>
      ))}
      {removed.map((name) => (
        <li key={`-${name}`} data-tone="bad">
          <del>− {name}</del>
        </li>
      ))}
    </ul>
  );
}

function State({ state }: { readonly state: ComparedJob["states"][0] }): ReactElement {
  return state === null ? <Nothing text="not in this run" /> : <StateBadge state={state} look="plain" />;
}

function Count({ value }: { readonly value: number | null }): ReactElement {
  return value === null ? <Nothing text="not known" /> : <span className="number">{formatCount(value)}</span>;
}

function Value({ value }: { readonly value: JsonValue }): ReactElement {
  return <code>{value === null ? "not given" : JSON.stringify(value)}</code>;
}
