// Runs: filtered and searched by the server, endless, with actions on many at once.
import "../runs/runs.css";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo, useState, type ReactElement } from "react";
import type { BulkAction, SelectRuns } from "../../api/control.ts";
import type { Run } from "../../api/run.ts";
import type { RowSelection } from "../components/tables/table-props.ts";
import { EmptyState } from "../components/tables/empty-state.tsx";
import { ErrorState } from "../components/tables/error-state.tsx";
import { formatCount } from "../components/values/format-quantity.ts";
import { Icon, type IconName } from "../components/values/icon.tsx";
import { Menu } from "../components/actions/menu.tsx";
import { PageHeader } from "../components/frame/page-header.tsx";
import { modifierName } from "../components/frame/shortcuts.ts";
import { Skeleton } from "../components/frame/skeleton.tsx";
import { serverNowMs } from "../queries/server-clock.ts";
import { useMayCall } from "../queries/session.ts";
import { useApiList, type ListState } from "../queries/use-api.ts";
import { BulkDialog } from "../runs/bulk-dialog.tsx";
import { RunsFilters } from "../runs/runs-filters.tsx";
import { RunsTable } from "../runs/runs-table.tsx";
import { useLiveRuns } from "../runs/use-live-runs.ts";
import { toRunsFilter, type RunsSearch } from "../search/runs-search.ts";

const route = getRouteApi("/runs");
const pageSize = 100;

/** What is selected stays selected, whatever the filter becomes. */
export function Runs(): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  // As of now for as long as the address stays.
  const filter = useMemo(() => toRunsFilter(search, serverNowMs()), [search]);
  const list = useApiList("listRuns", { query: { ...filter, limit: pageSize } }, { refetchMs: 30_000 });
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [request, setRequest] = useState<SelectRuns>();
  const mayAct = useMayCall("applyBulk");
  useLiveRuns(search.children === true);
  const toggle = useCallback((id: string) => setSelected((before) => withToggled(before, id)), []);
  const isFiltered = Object.values(search).some((value) => value !== undefined);
  const selection = useMemo(() => (mayAct ? { selected, onToggle: toggle } : undefined), [mayAct, selected, toggle]);
  return (
    <div className="screen">
      <PageHeader
        title="Runs"
        actions={
          mayAct && list.items.length > 0 ? (
            <BulkMenu
              label={isFiltered ? "Act on all that match" : "Act on all runs"}
              onChoose={(action) => setRequest({ action, filter })}
            />
          ) : undefined
        }
      />
      <RunsFilters
        search={search}
        onChange={(change: Partial<RunsSearch>) => void navigate({ search: { ...search, ...change } })}
        onClear={() => void navigate({ to: "/runs", search: {} })}
      />
      {selected.size > 0 ? (
        <SelectionBar
          count={selected.size}
          hidden={[...selected].filter((id) => list.items.every((run) => run.run_id !== id)).length}
          onChoose={(action) => setRequest({ action, run_ids: [...selected] })}
          onClear={() => setSelected(new Set())}
        />
      ) : null}
      <RunsBody list={list} selection={selection} isFiltered={isFiltered} />
      {request === undefined ? null : (
        <BulkDialog
          request={request}
          onClose={() => setRequest(undefined)}
          onApplied={() => {
            setSelected(new Set());
            list.refetch();
          }}
        />
      )}
    </div>
  );
}

interface RunsBodyProps {
  readonly list: ListState<Run>;
  readonly selection: RowSelection | undefined;
  readonly isFiltered: boolean;
}

function RunsBody({ list, selection, isFiltered }: RunsBodyProps): ReactElement {
  if (list.items.length > 0) return <RunsTable list={list} selection={selection} />;
  if (list.error !== null) return <ErrorState error={list.error} retry={list.refetch} />;
  if (list.isPending) return <Skeleton lines={12} label="Loading runs" />;
  if (isFiltered) {
    return (
      <EmptyState title="No run matches the filter" icon="filter">
        The server looked through all of them, not only through what was loaded.
      </EmptyState>
    );
  }
  return (
    <EmptyState title="Nothing has run yet" commands={["npx millrace run <job>"]} icon="runs">
      Start a job here with <kbd>{modifierName()}</kbd> <kbd>k</kbd>, from a schedule, or with the command.
    </EmptyState>
  );
}

const bulkActions: readonly { readonly action: BulkAction; readonly label: string; readonly icon: IconName }[] = [
  { action: "retry", label: "Retry", icon: "retry" },
  { action: "resume", label: "Resume", icon: "play" },
  { action: "pause", label: "Pause", icon: "pause" },
  { action: "stop", label: "Stop", icon: "stop" },
];

function BulkMenu({
  label,
  onChoose,
}: {
  readonly label: string;
  readonly onChoose: (action: BulkAction) => void;
}): ReactElement {
  return (
    <Menu
      label={label}
      buttonClass="button"
      button={
        <>
          {label} <Icon name="chevron-down" size={14} />
        </>
      }
    >
      {bulkActions.map(({ action, label: text, icon }) => (
        <button
          key={action}
          type="button"
          role="menuitem"
          tabIndex={-1}
          className={action === "stop" ? "menu-item menu-danger" : "menu-item"}
          onClick={() => onChoose(action)}
        >
          <Icon name={icon} /> {text}…
        </button>
      ))}
    </Menu>
  );
}

interface SelectionBarProps {
  readonly count: number;
  /** How many of them the list does not show now. */
  readonly hidden: number;
  readonly onChoose: (action: BulkAction) => void;
  readonly onClear: () => void;
}

function SelectionBar({ count, hidden, onChoose, onClear }: SelectionBarProps): ReactElement {
  return (
    <div className="selection-bar card" role="region" aria-label="Selected runs">
      <span role="status">
        <strong className="number">{formatCount(count)}</strong> selected
        {hidden === 0 ? "" : `, ${formatCount(hidden)} of them not in this list`}
      </span>
      <div className="button-group">
        {bulkActions.map(({ action, label, icon }) => (
          <button
            key={action}
            type="button"
            className={action === "stop" ? "button button-danger" : "button"}
            onClick={() => onChoose(action)}
          >
            <Icon name={icon} /> {label}
          </button>
        ))}
        <button type="button" className="button button-quiet" onClick={onClear}>
          Select none
        </button>
      </div>
    </div>
  );
}

function withToggled(before: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(before);
  if (!next.delete(id)) next.add(id);
  return next;
}
