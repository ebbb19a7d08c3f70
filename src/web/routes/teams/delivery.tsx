// The screen of delivery: the five metrics of a service, how they went on, what lead time is made of, and the rows behind a figure.
import "../../styles/panels.css";
import "../../delivery/delivery.css";
import { getRouteApi } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Delivery } from "../../../api/delivery/delivery.ts";
import type { DoraMetric } from "../../../core/delivery/dora-metrics.ts";
import { PeriodChart } from "../../charts/period-chart.tsx";
import { PageHeader } from "../../components/frame/page-header.tsx";
import { Skeleton } from "../../components/frame/skeleton.tsx";
import { EmptyState } from "../../components/tables/empty-state.tsx";
import { ErrorState } from "../../components/tables/error-state.tsx";
import { RelativeTime } from "../../components/values/time.tsx";
import { BehindFigure } from "../../delivery/behind-figure.tsx";
import { DeliveryFilters } from "../../delivery/delivery-filters.tsx";
import { ExportLinks } from "../../delivery/export-links.tsx";
import { figureNames, formatFigure, formatMark, formatPeriod, namePeriod } from "../../delivery/figure-words.ts";
import { FigureList, PeriodTable } from "../../delivery/figure-tables.tsx";
import { MetricCards } from "../../delivery/metric-cards.tsx";
import { StageBreakdown } from "../../delivery/stage-bar.tsx";
import { useApi } from "../../queries/use-api.ts";
import type { DeliverySearch } from "../../search/delivery-search.ts";

const route = getRouteApi("/delivery");

/** All that is chosen is in the address. */
export function DeliveryScreen(): ReactElement {
  const { service, period, range, at, benchmark } = route.useSearch();
  const query = {
    ...(service === undefined ? {} : { service }),
    ...(period === undefined ? {} : { period }),
    ...(range === undefined ? {} : { periods: Number(range) }),
    ...(at === undefined ? {} : { at }),
    ...(benchmark === undefined ? {} : { benchmark }),
  };
  const { data, error, refetch } = useApi("showDelivery", { query }, { keepPrevious: true, refetchMs: 60_000 });
  return (
    <div className="screen">
      {error !== null && data === undefined ? (
        <>
          <PageHeader title="Delivery" />
          <ErrorState error={error} retry={() => void refetch()} />
        </>
      ) : data === undefined ? (
        <>
          <PageHeader title="Delivery" />
          <Skeleton lines={10} label="Loading figures" />
        </>
      ) : (
        <Figures delivery={data} />
      )}
    </div>
  );
}

function Figures({ delivery }: { readonly delivery: Delivery }): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: Partial<DeliverySearch>): void =>
    void navigate({ search: { ...search, ...next }, replace: true });
  const { service, shown, period, benchmark, computed_at: computedAt } = delivery;
  const metric = search.metric ?? "change_lead_time";
  if (service === null) {
    return (
      <>
        <PageHeader title="Delivery" />
        <EmptyState title="No figures of delivery yet" icon="chart" commands={["millrace jobs"]}>
          A job that computes the metrics of DORA out of collected deployments and pull requests publishes what is shown
          here.
        </EmptyState>
      </>
    );
  }
  return (
    <>
      <PageHeader title="Delivery" actions={<FigureExports delivery={delivery} metric={metric} />}>
        {shown === null ? "no period" : `Figures of ${namePeriod(shown.start_at, period)}`}, computed{" "}
        <RelativeTime at={computedAt} />
      </PageHeader>
      <DeliveryFilters delivery={delivery} search={search} onChange={change} />
      <MetricCards delivery={delivery} chosen={metric} onChoose={(next) => change({ metric: next })} />
      <p className="muted">
        DORA {benchmark.year}: {benchmark.caveat}. <a href={benchmark.source}>Source</a>
      </p>
      <div className="delivery-parts">
        <Trend delivery={delivery} metric={metric} search={search} onChange={change} />
        <section className="card" aria-labelledby="stages-title">
          <h2 id="stages-title">What lead time is made of</h2>
          <StageBreakdown stages={delivery.stages} />
        </section>
      </div>
      {shown === null ? null : (
        <BehindFigure service={service} span={shown} when={namePeriod(shown.start_at, period)} metric={metric} />
      )}
      <section className="card" aria-labelledby="all-title">
        <h2 id="all-title">All figures of the period</h2>
        <FigureList figures={delivery.figures} />
      </section>
    </>
  );
}

interface TrendProps {
  readonly delivery: Delivery;
  readonly metric: DoraMetric;
  readonly search: DeliverySearch;
  readonly onChange: (change: Partial<DeliverySearch>) => void;
}

function Trend({ delivery, metric, search, onChange }: TrendProps): ReactElement {
  const { periods, period, shown } = delivery;
  const series = delivery.series.find((each) => each.metric === metric);
  const isTable = search.as === "table";
  return (
    <section className="card" aria-labelledby="trend-title">
      <header className="card-head">
        <h2 id="trend-title">{figureNames[metric]}</h2>
        <div className="segments card-actions" role="group" aria-label="Show as">
          <button type="button" aria-pressed={!isTable} onClick={() => onChange({ as: undefined })}>
            Chart
          </button>
          <button type="button" aria-pressed={isTable} onClick={() => onChange({ as: "table" })}>
            Table
          </button>
        </div>
      </header>
      {isTable ? (
        <PeriodTable delivery={delivery} metric={metric} />
      ) : (
        <>
          <PeriodChart
            unit={series?.unit ?? ""}
            format={(value) => formatFigure(value, series?.unit ?? "")}
            formatTick={(value) => formatMark(value, series?.unit ?? "")}
            shown={periods.findIndex(({ start_at: start }) => start === shown?.start_at)}
            onPick={(index) => onChange({ at: periods[index]?.start_at })}
            points={periods.map(({ start_at: start, is_complete: isComplete }, index) => ({
              label: formatPeriod(start, period),
              value: series?.values[index] ?? null,
              isComplete,
            }))}
          />
          <p className="muted">
            By {period}, from {periods[0] === undefined ? "" : namePeriod(periods[0].start_at, period)}. A question mark
            is a {period} of which nothing is known; a ring is one that is not over.
          </p>
        </>
      )}
    </section>
  );
}

function FigureExports({
  delivery,
  metric,
}: {
  readonly delivery: Delivery;
  readonly metric: DoraMetric;
}): ReactElement | null {
  const { service, shown, period, periods } = delivery;
  if (service === null || shown === null) return null;
  const rows = metric === "change_lead_time" ? "changes" : "deployments";
  const span = { since: shown.start_at, until: shown.end_at };
  const first = periods[0]?.start_at;
  return (
    <>
      <ExportLinks
        route="exportDelivery"
        what="figures"
        query={{ of: "figures", service, period, ...(first === undefined ? {} : { since: first }) }}
      />
      <ExportLinks route="exportDelivery" what={rows} query={{ of: rows, service, ...span, ...onlyOf(metric) }} />
    </>
  );
}

function onlyOf(metric: DoraMetric): object {
  if (metric === "deployment_rework_rate") return { only: "unplanned" };
  return metric === "change_fail_rate" || metric === "failed_deployment_recovery_time" ? { only: "failed" } : {};
}
