// Records that could not be handled, the newest first; those that wait for a decision unless somebody asks for others.
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { DeadLetterView } from "../../api/streams/dead-letter.ts";
import { ActionButton } from "../components/actions/action-button.tsx";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { DataTable } from "../components/tables/data-table.tsx";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { ChoiceFilter, FilterBar, TextFilter } from "../components/tables/filter-bar.tsx";
import { MessageText } from "../components/tables/message-text.tsx";
import type { Column } from "../components/tables/table-props.ts";
import { RunLink } from "../components/values/run-link.tsx";
import { RelativeTime } from "../components/values/time.tsx";
import { useRole } from "../queries/session.ts";
import { keyOf, useApiList } from "../queries/use-api.ts";
import { letterStates, type StreamsSearch } from "../search/streams-search.ts";
import { LetterState, labelOf } from "./letter-state.tsx";
import { discardAllAction, type GroupLetters, retryAllAction } from "./dead-letter-actions.ts";

export interface DeadLetterListProps {
  readonly search: StreamsSearch;
  readonly onChange: (next: Partial<StreamsSearch>) => void;
}

export function DeadLetterList({ search, onChange }: DeadLetterListProps): ReactElement {
  return (
    <>
      <Filters search={search} onChange={onChange} />
      <Letters search={search} />
    </>
  );
}

const stateOptions = [
  ...letterStates.filter((state) => state !== "open").map((state) => ({ value: state, label: labelOf(state) })),
  { value: "any" as const, label: "Any state" },
];

function Filters({ search: { group, topic, state }, onChange }: DeadLetterListProps): ReactElement {
  const isFiltered = [group, topic, state].some((one) => one !== undefined);
  return (
    <FilterBar
      label="Filter of dead letters"
      isFiltered={isFiltered}
      onClear={() => onChange({ group: undefined, topic: undefined, state: undefined })}
    >
      <ChoiceFilter
        label="State"
        anyLabel={labelOf("open")}
        value={state === undefined || state === "open" ? "" : state}
        options={stateOptions}
        onChange={(next) => onChange({ state: next })}
      />
      <TextFilter label="Group" value={group ?? ""} onChange={(text) => onChange({ group: text || undefined })} />
      <TextFilter label="Topic" value={topic ?? ""} onChange={(text) => onChange({ topic: text || undefined })} />
      {group === undefined || (state ?? "open") !== "open" ? null : <AllOfGroup group={group} topic={topic} />}
    </FilterBar>
  );
}

const columns: readonly Column<DeadLetterView>[] = [
  { header: "State", width: "112px", cell: ({ state }) => <LetterState state={state} /> },
  {
    header: "Record",
    isTitle: true,
    width: "minmax(0, 1.2fr)",
    cell: ({ id, topic, partition, offset }) => (
      <Link to="/streams/dead-letters/$letter" params={{ letter: String(id) }}>
        {topic}/{partition}@{offset}
      </Link>
    ),
  },
  {
    header: "Group",
    width: "minmax(0, 1fr)",
    cell: ({ group }) => (
      <Link to="/streams/groups/$group" params={{ group }}>
        {group}
      </Link>
    ),
  },
  {
    header: "Error",
    width: "minmax(200px, 2fr)",
    cell: ({ error: { code, message } }) => (
      <span>
        <MessageText text={message} /> <span className="muted">{code}</span>
      </span>
    ),
  },
  { header: "Tries", width: "64px", cell: ({ attempts }) => <span className="number">{attempts}</span> },
  { header: "Run", width: "88px", cell: ({ run_id: runId }) => <RunLink runId={runId} /> },
  { header: "When", width: "104px", cell: ({ at }) => <RelativeTime at={at} /> },
];

function Letters({ search }: Pick<DeadLetterListProps, "search">): ReactElement {
  const { group, topic, state = "open" } = search;
  const navigate = useNavigate();
  const list = useApiList(
    "listDeadLetters",
    {
      query: {
        limit: 100,
        ...(state === "any" ? {} : { state }),
        ...(group === undefined ? {} : { group }),
        ...(topic === undefined ? {} : { topic }),
      },
    },
    { refetchMs: 5_000 },
  );
  if (list.items.length === 0 && list.error !== null) return <ErrorState error={list.error} retry={list.refetch} />;
  if (list.items.length === 0 && list.isPending) return <Skeleton lines={8} label="Loading dead letters" />;
  if (list.items.length === 0)
    return <NoLetters isOpen={state === "open" && group === undefined && topic === undefined} />;
  return (
    <DataTable
      kind="list"
      label="Dead letters"
      columns={columns}
      rows={list.items}
      idOf={({ id }) => String(id)}
      onOpen={({ id }) => void navigate({ to: "/streams/dead-letters/$letter", params: { letter: String(id) } })}
      hasMore={list.hasMore}
      onLoadMore={list.loadMore}
      rowHeight={48}
    />
  );
}

function AllOfGroup(which: GroupLetters): ReactElement {
  const role = useRole();
  const client = useQueryClient();
  const done = (): void => void client.invalidateQueries({ queryKey: keyOf("listDeadLetters") });
  return (
    <>
      <ActionButton action={retryAllAction(which, role, done)} />
      <ActionButton action={discardAllAction(which, role, done)} />
    </>
  );
}

function NoLetters({ isOpen }: { readonly isOpen: boolean }): ReactElement {
  if (!isOpen) return <EmptyState title="No dead letter matches these filters" icon="filter" />;
  return (
    <EmptyState title="No record waits for a decision" icon="check" commands={["millrace topic dead-letters"]}>
      A record that cannot be handled comes here after <code>deadLetter.after</code> tries, and the others go on.
    </EmptyState>
  );
}
