// The watermarks of a job: few of them as cards, many as a table from which one is opened.
import type { ReactElement } from "react";
import type { Watermark } from "../../api/state.ts";
import { DataTable } from "../components/tables/data-table.tsx";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { FilterBar, TextFilter } from "../components/tables/filter-bar.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { RunLink } from "../components/values/run-link.tsx";
import { RelativeTime } from "../components/values/time.tsx";
import { useApiList } from "../queries/use-api.ts";
import { shortInstant } from "../components/values/short-instant.ts";
import { WatermarkCard } from "./watermark-card.tsx";

export interface WatermarkSectionProps {
  readonly jobName: string;
  /** Part of the names that are shown; empty for all. */
  readonly text: string;
  readonly onText: (text: string) => void;
  /** The one that is open, as `idOfWatermark` says it. */
  readonly openId: string | null;
  readonly onOpen: (id: string | null) => void;
}

/** Up to this many are shown as cards at once. */
const maxCards = 3;

export function WatermarkSection(props: WatermarkSectionProps): ReactElement {
  const { jobName, text } = props;
  const query = { limit: 50, ...(text === "" ? {} : { q: text }) };
  const list = useApiList("listWatermarks", { params: { job_name: jobName }, query });
  const isMany = text !== "" || list.items.length > maxCards;
  return (
    <section className="state-section" aria-labelledby="watermarks-title">
      <h2 id="watermarks-title">Watermarks</h2>
      {list.error !== null ? (
        <ErrorState error={list.error} retry={list.refetch} />
      ) : isMany ? (
        <WatermarkTable {...props} list={list} />
      ) : list.isPending ? (
        <Skeleton lines={4} />
      ) : list.items.length === 0 ? (
        <EmptyState title="No watermark" icon="database" commands={[`millrace state show ${jobName}`]}>
          A job has one when it reads a source by a growing column, such as a time of change, and has finished once.
        </EmptyState>
      ) : (
        list.items.map((watermark) => (
          <WatermarkCard
            key={idOfWatermark(watermark)}
            jobName={jobName}
            watermark={watermark}
            onChanged={list.refetch}
          />
        ))
      )}
    </section>
  );
}

/** Different for each watermark of a job. */
function idOfWatermark({ tenant, name }: Watermark): string {
  return `${tenant} ${name}`;
}

interface WatermarkTableProps extends WatermarkSectionProps {
  readonly list: ReturnType<typeof useApiList<"listWatermarks">>;
}

function WatermarkTable({ jobName, text, onText, openId, onOpen, list }: WatermarkTableProps): ReactElement {
  const open = list.items.find((watermark) => idOfWatermark(watermark) === openId);
  return (
    <>
      <FilterBar label="Filter watermarks" isFiltered={text !== ""} onClear={() => onText("")}>
        <TextFilter label="Watermark" value={text} onChange={onText} />
      </FilterBar>
      {open === undefined ? null : (
        <WatermarkCard jobName={jobName} watermark={open} onChanged={list.refetch} onClose={() => onOpen(null)} />
      )}
      <DataTable
        kind="list"
        label="Watermarks"
        columns={columns}
        rows={list.items}
        idOf={idOfWatermark}
        onOpen={(watermark) => onOpen(idOfWatermark(watermark))}
        isMarked={(watermark) => watermark === open}
        hasMore={list.hasMore}
        isLoadingMore={list.isLoadingMore}
        onLoadMore={list.loadMore}
        {...(list.isPending ? {} : { empty: <EmptyState title="No watermark has this in its name" icon="search" /> })}
      />
    </>
  );
}

const columns: readonly Column<Watermark>[] = [
  {
    header: "Watermark",
    isTitle: true,
    width: "minmax(160px, 1.4fr)",
    cell: ({ name, tenant }) => (
      <span>
        <code title={name}>{shortInstant(name)}</code>{" "}
        {tenant === "default" ? null : <span className="tag">{tenant}</span>}
      </span>
    ),
  },
  {
    header: "Value",
    width: "minmax(0, 1.2fr)",
    cell: ({ value }) => <code title={String(value)}>{shortInstant(String(value))}</code>,
  },
  { header: "Version", width: "80px", align: "end", cell: ({ version }) => <span className="number">{version}</span> },
  { header: "Moved", width: "minmax(130px, 0.8fr)", cell: Moved },
];

function Moved({ updated_at: at, history: [newest] }: Watermark): ReactElement {
  const runId = newest?.run_id ?? null;
  return (
    <span>
      {runId === null ? (newest?.by ?? "") : <RunLink runId={runId} />}{" "}
      <span className="muted">
        <RelativeTime at={at} />
      </span>
    </span>
  );
}
