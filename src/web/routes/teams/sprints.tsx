// The screen of sprints: what was committed, what came and went, what was completed, and the issues behind each number.
import "../../styles/panels.css";
import "../../delivery/delivery.css";
import "../../sprints/sprints.css";
import { getRouteApi } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Sprint, SprintPage } from "../../../api/delivery/sprint.ts";
import { PageHeader } from "../../components/frame/page-header.tsx";
import { Skeleton } from "../../components/frame/skeleton.tsx";
import { DataTable } from "../../components/tables/data-table.tsx";
import { EmptyState } from "../../components/tables/empty-state.tsx";
import { ErrorState } from "../../components/tables/error-state.tsx";
import { Fact } from "../../components/values/fact.tsx";
import { Instant, RelativeTime } from "../../components/values/time.tsx";
import { ExportLinks } from "../../delivery/export-links.tsx";
import { formatNumber } from "../../delivery/figure-words.ts";
import { useApi } from "../../queries/use-api.ts";
import type { SprintsSearch } from "../../search/sprints-search.ts";
import { BurndownChart } from "../../sprints/burndown-chart.tsx";
import { SprintIssues } from "../../sprints/sprint-issues.tsx";
import { SprintNumbers } from "../../sprints/sprint-numbers.tsx";
import { sprintColumns } from "../../sprints/sprint-columns.tsx";
import { VelocityChart } from "../../sprints/velocity-chart.tsx";

const route = getRouteApi("/sprints");

/** Sprints that are drawn and listed. */
const shownSprints = 12;

/** All that is chosen is in the address. */
export function SprintsScreen(): ReactElement {
  const { board } = route.useSearch();
  const query = { limit: 100, ...(board === undefined ? {} : { board }) };
  const { data, error, refetch } = useApi("listSprints", { query }, { keepPrevious: true, refetchMs: 60_000 });
  return (
    <div className="screen">
      {data === undefined || data.items.length === 0 ? <PageHeader title="Sprints" /> : null}
      {error !== null && data === undefined ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton lines={10} label="Loading sprints" />
      ) : data.items.length === 0 ? (
        <EmptyState title="No sprint has begun yet" icon="calendar" commands={["millrace jobs"]}>
          A job that computes sprints out of collected issues and boards publishes what is shown here.
        </EmptyState>
      ) : (
        <SprintsOf page={data} />
      )}
    </div>
  );
}

function SprintsOf({ page }: { readonly page: SprintPage }): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: Partial<SprintsSearch>): void =>
    void navigate({ search: { ...search, ...next }, replace: true });
  const asked = page.items.find(({ sprint_id: id }) => id === search.sprint);
  const sprint = asked ?? page.items.find(({ state }) => state === "active") ?? page.items[0];
  const own = page.items.filter(({ board_id: board }) => board === sprint?.board_id);
  const of = search.of ?? "committed";
  return (
    <>
      <PageHeader title="Sprints" actions={<SprintExports sprint={sprint} board={search.board} />}>
        computed <RelativeTime at={page.computed_at} />
      </PageHeader>
      <SprintFilters page={page} sprint={sprint} search={search} onChange={change} />
      {sprint === undefined ? null : (
        <>
          <SprintNumbers sprint={sprint} chosen={of} onChoose={(next) => change({ of: next })} />
          <div className="delivery-parts">
            <BurndownCard sprint={sprint} />
            <VelocityCard sprints={own} sprint={sprint} onPick={(id) => change({ sprint: id })} />
          </div>
          <SprintIssues sprintId={sprint.sprint_id} of={of} />
        </>
      )}
      <section className="card" aria-labelledby="sprints-title">
        <h2 id="sprints-title">Sprints of the board</h2>
        <DataTable
          kind="matrix"
          label="Sprints of the board"
          columns={sprintColumns((id) => change({ sprint: id }))}
          rows={own.slice(0, shownSprints)}
          idOf={({ sprint_id: id }) => String(id)}
          isMarked={({ sprint_id: id }) => id === sprint?.sprint_id}
        />
      </section>
    </>
  );
}

interface SprintFiltersProps {
  readonly page: SprintPage;
  readonly sprint: Sprint | undefined;
  readonly search: SprintsSearch;
  readonly onChange: (change: Partial<SprintsSearch>) => void;
}

function SprintFilters({ page, sprint, search, onChange }: SprintFiltersProps): ReactElement {
  return (
    <div className="filters" role="search" aria-label="Choose a sprint">
      <label className="field-inline">
        <span className="muted">Board</span>
        <select
          className="filter"
          value={search.board ?? ""}
          onChange={(event) =>
            onChange({ board: event.target.value === "" ? undefined : Number(event.target.value), sprint: undefined })
          }
        >
          <option value="">All boards</option>
          {page.boards.map(({ board_id: id, name }) => (
            <option key={id} value={id}>
              {name ?? `board ${id}`}
            </option>
          ))}
        </select>
      </label>
      <label className="field-inline">
        <span className="muted">Sprint</span>
        <select
          className="filter"
          value={sprint?.sprint_id ?? ""}
          onChange={(event) => onChange({ sprint: Number(event.target.value) })}
        >
          {page.items.map(({ sprint_id: id, name, state }) => (
            <option key={id} value={id}>
              {name ?? `sprint ${id}`}
              {state === "active" ? ", not over" : ""}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function BurndownCard({ sprint }: { readonly sprint: Sprint }): ReactElement {
  const params = { sprint_id: String(sprint.sprint_id) };
  const { data, error, refetch } = useApi("showSprint", { params }, { refetchMs: 60_000 });
  return (
    <section className="card" aria-labelledby="burndown-title">
      <h2 id="burndown-title">Burndown of {sprint.name ?? `sprint ${sprint.sprint_id}`}</h2>
      <dl className="facts">
        <Fact name="From">
          <Instant at={sprint.start_at} precision="minute" />
        </Fact>
        <Fact name={sprint.closed_at === null ? "Planned to" : "Closed"}>
          <Instant at={sprint.closed_at ?? sprint.end_at} precision="minute" />
        </Fact>
        <Fact name="Without an estimate">{formatNumber(sprint.unestimated_issues)}</Fact>
      </dl>
      {error !== null && data === undefined ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : data === undefined ? (
        <Skeleton lines={5} label="Loading the burndown" />
      ) : (
        <BurndownChart sprint={data} />
      )}
    </section>
  );
}

interface VelocityCardProps {
  /** Newest first. */
  readonly sprints: readonly Sprint[];
  readonly sprint: Sprint;
  readonly onPick: (sprintId: number) => void;
}

function VelocityCard({ sprints, sprint, onPick }: VelocityCardProps): ReactElement {
  const { velocity_points: velocity, velocity_sprints: count, completion_rate: rate } = sprint;
  return (
    <section className="card" aria-labelledby="velocity-title">
      <h2 id="velocity-title">Velocity</h2>
      <dl className="facts">
        <Fact name="Velocity">
          {velocity === null
            ? "unknown while it is not over"
            : `${formatNumber(velocity)} points, mean of ${count ?? 0}`}
        </Fact>
        <Fact name="Of what was committed">
          {rate === null ? "unknown" : `${formatNumber(rate * 100)} % completed`}
        </Fact>
      </dl>
      <ul className="chart-legend">
        <li>
          <span className="velocity-key velocity-key-soft" aria-hidden="true" /> committed
        </li>
        <li>
          <span className="velocity-key" aria-hidden="true" /> completed
        </li>
        <li data-chart-tone="second">
          <span className="chart-key" aria-hidden="true" /> velocity
        </li>
      </ul>
      <VelocityChart sprints={sprints.slice(0, shownSprints).toReversed()} shown={sprint.sprint_id} onPick={onPick} />
    </section>
  );
}

function SprintExports({
  sprint,
  board,
}: {
  readonly sprint: Sprint | undefined;
  readonly board: number | undefined;
}): ReactElement {
  return (
    <>
      <ExportLinks
        route="exportSprints"
        what="sprints"
        query={{ of: "sprints", ...(board === undefined ? {} : { board }) }}
      />
      {sprint === undefined ? null : (
        <ExportLinks route="exportSprints" what="issues" query={{ of: "issues", sprint: sprint.sprint_id }} />
      )}
    </>
  );
}
