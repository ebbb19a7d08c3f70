// Records of a topic for those who may see rows: the newest, or from a place, a time or of a key.
import type { ReactElement } from "react";
import type { PeekQuery, RecordView, TopicDetail } from "../../api/streams/topic.ts";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { DataTable } from "../components/tables/data-table.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { ChoiceFilter, FilterBar, TextFilter } from "../components/tables/filter-bar.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { formatCount } from "../components/values/format-quantity.ts";
import { Instant } from "../components/values/time.tsx";
import { leastRole, mayCall } from "../queries/permissions.ts";
import { useRole } from "../queries/session.ts";
import { useApi } from "../queries/use-api.ts";
import type { TopicSearch } from "../search/streams-search.ts";
import { BytesText, RecordButton } from "./record-view.tsx";

export interface RecordSectionProps {
  readonly detail: TopicDetail;
  readonly search: TopicSearch;
  readonly onChange: (search: TopicSearch) => void;
}

const shownRecords = 50;

export function RecordSection({ detail, search, onChange }: RecordSectionProps): ReactElement {
  const role = useRole();
  return (
    <section className="card" aria-labelledby="records-title">
      <h2 id="records-title">Records</h2>
      {mayCall(role, "peekRecords") ? (
        <>
          <RecordFilters detail={detail} search={search} onChange={onChange} />
          <Records topic={detail.topic} search={search} />
        </>
      ) : (
        <p className="muted">What is in them is for the role {leastRole("peekRecords")}.</p>
      )}
    </section>
  );
}

function RecordFilters({ detail, search, onChange }: RecordSectionProps): ReactElement {
  const { partition, offset, since, key } = search;
  const options = detail.bounds.map((one) => {
    return { value: String(one.partition), label: `Partition ${one.partition}` };
  });
  const change = (next: TopicSearch): void => onChange({ ...search, ...next });
  return (
    <FilterBar
      label="Filter of records"
      isFiltered={[partition, offset, since, key].some((one) => one !== undefined)}
      onClear={() => onChange({})}
    >
      <TextFilter label="Key" value={key ?? ""} isMain onChange={(text) => change({ key: text || undefined })} />
      <ChoiceFilter
        label="Partition"
        anyLabel="All partitions"
        value={partition === undefined ? "" : String(partition)}
        options={options}
        onChange={(value) =>
          change(value === undefined ? { partition: undefined, offset: undefined } : { partition: Number(value) })
        }
      />
      {partition === undefined ? null : (
        <TextFilter
          label="From offset"
          value={offset === undefined ? "" : String(offset)}
          onChange={(text) => change({ offset: /^\d+$/.test(text) ? Number(text) : undefined })}
        />
      )}
      <TextFilter
        label="Since, a date or an instant"
        placeholder="since 2026-03-01"
        value={since ?? ""}
        onChange={(text) => change({ since: text === "" || Number.isNaN(Date.parse(text)) ? undefined : text })}
      />
    </FilterBar>
  );
}

function Records({ topic, search }: { readonly topic: string; readonly search: TopicSearch }): ReactElement {
  const query = toQuery(search);
  const { data, error, refetch } = useApi(
    "peekRecords",
    { params: { topic }, query },
    { keepPrevious: true, refetchMs: 5_000 },
  );
  if (error !== null && data === undefined) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={6} label="Loading records" />;
  const isNewest = query.offset === undefined && query.since === undefined;
  return (
    <>
      <DataTable
        label="Records"
        columns={columns}
        rows={isNewest ? data.items.toReversed() : data.items}
        idOf={({ partition, offset }) => `${partition}@${offset}`}
        empty={<p className="muted">no record fits</p>}
      />
      {data.complete ? null : (
        <p className="muted">
          {formatCount(data.looked_at)} records were looked at; there are more. A time or an offset goes further.
        </p>
      )}
    </>
  );
}

function toQuery({ partition, offset, since, key }: TopicSearch): PeekQuery {
  return {
    limit: shownRecords,
    ...(partition === undefined ? {} : { partition }),
    ...(partition === undefined || offset === undefined ? {} : { offset }),
    ...(since === undefined || offset !== undefined ? {} : { since: new Date(since).toISOString() }),
    ...(key === undefined ? {} : { key }),
  };
}

const columns: readonly Column<RecordView>[] = [
  {
    header: "Place",
    isTitle: true,
    cell: ({ partition, offset }) => (
      <span className="number">
        {partition}@{offset}
      </span>
    ),
  },
  { header: "Time", cell: ({ at }) => <Instant at={at} /> },
  { header: "Key", cell: ({ key }) => <BytesText bytes={key} /> },
  { header: "Value", cell: ({ value }) => <BytesText bytes={value} /> },
  { header: "Whole record", isHeaderHidden: true, cell: (record) => <RecordButton record={record} /> },
];
