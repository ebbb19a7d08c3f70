// Versions of a dataset, the newest first: rows with the change since the one before, and columns that came or went.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { type DatasetDetail } from "../../api/dataset.ts";
import { formatCount } from "../components/values/format-quantity.ts";
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
  return (
    <>
      <div className="scroll-x" role="region" aria-label="Table of versions" tabIndex={0}>
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">Version</th>
              <th scope="col">Published</th>
              <th scope="col" data-align="end">
                Rows
              </th>
              <th scope="col" data-align="end">
                Change
              </th>
              <th scope="col">Schema</th>
              <th scope="col">Run</th>
            </tr>
          </thead>
          <tbody>
            {versions.map((version, index) => (
              <VersionRow key={version.version} version={version} before={versions[index + 1]} />
            ))}
          </tbody>
        </table>
      </div>
      {hasMore ? (
        <button
          type="button"
          className="button"
          aria-disabled={older.isFetching}
          onClick={() => void (pages.length === 0 ? older.refetch() : older.fetchNextPage())}
        >
          {older.isFetching ? "Loading more…" : "Load more"}
        </button>
      ) : null}
    </>
  );
}

function VersionRow({
  version,
  before,
}: {
  readonly version: Version;
  readonly before: Version | undefined;
}): ReactElement {
  const change = before === undefined ? null : version.row_count - before.row_count;
  const { columns_added: added, columns_removed: removed } = version;
  return (
    <tr>
      <td className="number">{version.version}</td>
      <td>
        <RelativeTime at={version.created_at} />
      </td>
      <td data-align="end" className="number">
        {formatCount(version.row_count)}
      </td>
      <td data-align="end" className="number muted">
        {change === null ? "" : change === 0 ? "±0" : `${change > 0 ? "+" : "−"}${formatCount(Math.abs(change))}`}
      </td>
      <td>
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
        {added.length + removed.length === 0 ? <span className="muted">unchanged</span> : null}
      </td>
      <td>
        <Link to="/runs/$runId" params={{ runId: version.run_id }}>
          {version.run_id}
        </Link>{" "}
        <span className="muted">{version.job_name}</span>
      </td>
    </tr>
  );
}
