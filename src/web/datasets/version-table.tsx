// Versions of a dataset, the newest first: rows with the change since the one before, and columns that came or went.
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { type DatasetDetail } from "../../api/datasets/dataset.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { formatCount } from "../components/values/format-quantity.ts";
import { RunLink } from "../components/values/run-link.tsx";
import { RelativeTime } from "../components/values/time.tsx";
import { call } from "../queries/api-client.ts";

type Version = DatasetDetail["versions"][number];

/** The first page comes with the dataset; older ones are loaded on demand. */
export function VersionTable({ detail }: { readonly detail: DatasetDetail }): ReactElement {
  const { dataset, next_cursor: cursor } = detail;
  const older = useInfiniteQuery({
    queryKey: ["showDataset", dataset, "older", cursor],
    queryFn: ({ pageParam, signal }) =>
      call("showDataset", { params: { dataset }, query: { limit: 50, cursor: pageParam ?? "" }, signal }),
    initialPageParam: cursor,
    getNextPageParam: (page) => page.next_cursor,
    enabled: false,
  });
  const pages = older.data?.pages ?? [];
  const versions = [...detail.versions, ...pages.flatMap((page) => page.versions)];
  const hasMore = pages.length === 0 ? cursor !== null : older.hasNextPage;
  const rows = versions.map((version, index) => ({ version, before: versions[index + 1] }));
  return (
    <DataTable
      label="Versions"
      columns={columns}
      rows={rows}
      idOf={({ version }) => String(version.version)}
      hasMore={hasMore}
      isLoadingMore={older.isFetching}
      onLoadMore={() => void (pages.length === 0 ? older.refetch() : older.fetchNextPage())}
    />
  );
}

interface VersionRow {
  readonly version: Version;
  /** The one that it followed, when that is loaded. */
  readonly before: Version | undefined;
}

const columns: readonly Column<VersionRow>[] = [
  { header: "Version", cell: ({ version }) => <span className="number">{version.version}</span> },
  { header: "Published", cell: ({ version }) => <RelativeTime at={version.created_at} /> },
  { header: "Rows", align: "end", cell: ({ version }) => formatCount(version.row_count) },
  { header: "Change", align: "end", cell: (row) => <span className="muted">{describeChange(row)}</span> },
  { header: "Schema", cell: ({ version }) => <SchemaChange version={version} /> },
  {
    header: "Run",
    cell: ({ version: { run_id: runId, job_name: job } }) => <RunLink runId={runId} jobName={job} />,
  },
];

function describeChange({ version, before }: VersionRow): string {
  if (before === undefined) return "";
  const change = version.row_count - before.row_count;
  return change === 0 ? "±0" : `${change > 0 ? "+" : "−"}${formatCount(Math.abs(change))}`;
}

function SchemaChange({
  version: { columns_added: added, columns_removed: removed },
}: Pick<VersionRow, "version">): ReactElement {
  if (added.length + removed.length === 0) return <span className="muted">unchanged</span>;
  return (
    <span>
      {added.map((column) => (
        <code key={column} className="diff-after">
          + {column}
        </code>
      ))}
      {removed.map((column) => (
        <code key={column} className="diff-before">
          − {column}
        </code>
      ))}
    </span>
  );
}
