// Figures of delivery of one service: those of a period, what they were over time, and the stages that lead time is made of.
import type {
  Delivery,
  DeliveryFigure,
  DeliveryPeriod,
  DeliverySpan,
  DeliveryStage,
  DeliveryStages,
} from "../../../api/delivery/delivery.ts";
import type { ShownRow } from "../../../core/dataset/dataset-reader.ts";
import { toBenchmarkBand } from "../../../core/delivery/benchmark-band.ts";
import { benchmarkYears } from "../../../core/delivery/dora-metrics.ts";
import { benchmarkTables, type BenchmarkYear } from "../../../core/delivery/benchmarks.ts";
import type { CallContext, CallInput } from "../../handler.ts";
import {
  computedAt,
  countOf,
  type FigureServices,
  figureDatasets,
  findPublished,
  instantOfRow,
  numberOf,
  readFigures,
  textOf,
} from "./figure-rows.ts";

const maxServices = 1_000;
const defaultPeriods = 26;
/** More than there are metrics. */
const maxMetrics = 30;

/** Without figures everything is empty. */
export async function showDelivery(
  services: FigureServices,
  { query }: CallInput<"showDelivery">,
  { signal }: Pick<CallContext, "signal">,
): Promise<Delivery> {
  const { period = "week", periods: wanted = defaultPeriods, benchmark: year = benchmarkYears[0] } = query;
  const { caveat, source } = benchmarkTables[year];
  const benchmark = { year, caveat, source };
  const published = await findPublished(services, ["dora", "changes"]);
  const nothing = {
    services: [],
    service: null,
    period,
    periods: [],
    shown: null,
    figures: [],
    series: [],
    stages: null,
  };
  if (!published.has("dora")) return { ...nothing, benchmark, computed_at: null };
  const [known, computed] = await Promise.all([listServices(services, signal), computedAt(services, "dora")]);
  const names = known.map(({ service }) => service).toSorted();
  const service = query.service ?? known[0]?.service ?? null;
  const rows = service === null ? [] : await readPoints(services, { service, period, wanted, signal });
  const spans = toSpans(rows, period);
  const shown = chooseShown(spans, query.at);
  const stages =
    service === null || shown === null || !published.has("changes")
      ? null
      : await readStages(services, { service, shown, signal });
  return {
    services: names,
    service,
    period,
    periods: spans,
    shown,
    figures: toFigures(rows, { spans, shown, year }),
    series: toSeries(rows, spans),
    stages,
    benchmark,
    computed_at: computed,
  };
}

/** Those with most deployments first. */
async function listServices(
  services: FigureServices,
  signal: AbortSignal,
): Promise<readonly { readonly service: string }[]> {
  const sql = `select service, max(value) filter (where metric = 'deployments') as deployments
    from ${figureDatasets.dora} where period = 'all' group by service order by deployments desc nulls last, service`;
  const rows = await readFigures(services, { sql, signal }, maxServices);
  return rows.map(({ service }) => ({ service: textOf(service) ?? "" }));
}

interface PointsQuery {
  readonly service: string;
  readonly period: DeliveryPeriod;
  readonly wanted: number;
  readonly signal: AbortSignal;
}

/** Of all time and of the newest periods, oldest first. */
async function readPoints(
  services: FigureServices,
  { service, period, wanted, signal }: PointsQuery,
): Promise<readonly ShownRow[]> {
  const sql = `with own as (select * from ${figureDatasets.dora} where service = {{service}} and period in ('all', {{period}})),
    newest as (select distinct start_at from own where period <> 'all' order by start_at desc limit ${wanted})
    select metric, unit, period, epoch_ms(start_at) as start_ms, epoch_ms(end_at) as end_ms, is_complete, value, n, p50, p75, p90,
      coverage, is_few
    from own where period = 'all' or start_at in (select start_at from newest) order by start_at, metric`;
  return await readFigures(services, { sql, values: { service, period }, signal }, (wanted + 1) * maxMetrics);
}

function toSpans(rows: readonly ShownRow[], period: DeliveryPeriod): readonly DeliverySpan[] {
  const own = rows.filter((row) => row["period"] === period);
  const byStart = Map.groupBy(own, (row) => instantOfRow(row["start_ms"]));
  return [...byStart].map(([start, [first]]) => ({
    start_at: start,
    end_at: instantOfRow(first?.["end_ms"]),
    is_complete: first?.["is_complete"] === true,
  }));
}

/** One that is asked for, also by another way to write the instant; else the newest that is over, else the newest. */
function chooseShown(spans: readonly DeliverySpan[], at: string | undefined): DeliverySpan | null {
  const atMs = at === undefined ? Number.NaN : Date.parse(at);
  const asked = spans.find(({ start_at: start }) => Date.parse(start) === atMs);
  return asked ?? spans.findLast(({ is_complete: isComplete }) => isComplete) ?? spans.at(-1) ?? null;
}

interface FigureScene {
  readonly spans: readonly DeliverySpan[];
  readonly shown: DeliverySpan | null;
  readonly year: BenchmarkYear;
}

function toFigures(rows: readonly ShownRow[], { spans, shown, year }: FigureScene): readonly DeliveryFigure[] {
  const index = spans.findIndex(({ start_at: start }) => start === shown?.start_at);
  const before = spans[index - 1];
  const rowOf = (metric: string, span: DeliverySpan | null | undefined): ShownRow | undefined =>
    rows.find(
      (row) => row["metric"] === metric && row["period"] !== "all" && instantOfRow(row["start_ms"]) === span?.start_at,
    );
  const overallOf = (metric: string): ShownRow | undefined =>
    rows.find((row) => row["metric"] === metric && row["period"] === "all");
  const daysPerWeek = numberOf(overallOf("deployment_days_per_week")?.["value"]);
  return listMetrics(rows).map(({ metric, unit }) => {
    const row = rowOf(metric, shown);
    const value = numberOf(row?.["value"]);
    return {
      metric,
      unit,
      value,
      n: countOf(row?.["n"]),
      p50: numberOf(row?.["p50"]),
      p75: numberOf(row?.["p75"]),
      p90: numberOf(row?.["p90"]),
      coverage: numberOf(row?.["coverage"]),
      is_few: row?.["is_few"] !== false,
      before: numberOf(rowOf(metric, before)?.["value"]),
      overall: numberOf(overallOf(metric)?.["value"]),
      band: toBenchmarkBand(year, { metric, value, ...(metric === "deployment_frequency" ? { daysPerWeek } : {}) }),
    };
  });
}

function toSeries(rows: readonly ShownRow[], spans: readonly DeliverySpan[]): Delivery["series"] {
  const byPlace = new Map(
    rows
      .filter((row) => row["period"] !== "all")
      .map((row) => [`${textOf(row["metric"])} ${instantOfRow(row["start_ms"])}`, row]),
  );
  return listMetrics(rows).map(({ metric, unit }) => {
    const own = spans.map(({ start_at: start }) => byPlace.get(`${metric} ${start}`));
    return {
      metric,
      unit,
      values: own.map((row) => numberOf(row?.["value"])),
      n: own.map((row) => countOf(row?.["n"])),
    };
  });
}

function listMetrics(rows: readonly ShownRow[]): readonly { readonly metric: string; readonly unit: string }[] {
  const units = new Map(rows.map((row) => [textOf(row["metric"]) ?? "", textOf(row["unit"]) ?? ""]));
  return [...units].map(([metric, unit]) => ({ metric, unit })).toSorted((a, b) => (a.metric < b.metric ? -1 : 1));
}

const stageNames: readonly DeliveryStage[] = ["coding", "pickup", "review", "merge_wait", "deploy"];

/** A stage whose event is missing took no time: what it would have taken is in the next one. */
async function readStages(
  services: FigureServices,
  { service, shown, signal }: { readonly service: string; readonly shown: DeliverySpan; readonly signal: AbortSignal },
): Promise<DeliveryStages | null> {
  const means = stageNames.map((stage) => `avg(coalesce(${stage}_seconds, 0)) as ${stage}`);
  const sql = `select count(*) as n, avg(lead_seconds) as lead, ${means.join(", ")} from ${figureDatasets.changes}
    where service = {{service}} and lead_seconds is not null
      and epoch_ms(deployed_at) >= {{from}} and epoch_ms(deployed_at) < {{to}}`;
  const values = { service, from: Date.parse(shown.start_at), to: Date.parse(shown.end_at) };
  const [row] = await readFigures(services, { sql, values, signal }, 1);
  const lead = numberOf(row?.["lead"]);
  if (row === undefined || lead === null) return null;
  const stages = stageNames.map((stage) => ({ stage, seconds: countOf(row[stage]) }));
  return { n: countOf(row["n"]), lead_seconds: lead, stages };
}
