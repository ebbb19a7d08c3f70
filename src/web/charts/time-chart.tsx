// A chart of series over time on a canvas (uPlot), with a caption that says the same in words. Colours are read from the
// style sheet at every draw, so that a change of the theme needs no new chart.
import { useEffect, useRef, type ReactElement } from "react";
import "./usable-language.ts";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { formatClock, formatInstant } from "../components/values/format-quantity.ts";
import { serverNowMs } from "../queries/server-clock.ts";
import { formatValue } from "./format-value.ts";
import { summarize, type ChartSeries, type MetricChart } from "./metric-charts.ts";

export interface TimeChartProps {
  readonly chart: MetricChart;
  /** Begins of the buckets. */
  readonly timesMs: readonly number[];
  readonly bucketMs: number;
  /** A range that was dragged over; without it charts do not zoom. */
  readonly onRange?: (fromMs: number, toMs: number) => void;
}

/** One figure; all figures of a page share their cursor. */
export function TimeChart({ chart, timesMs, bucketMs, onRange }: TimeChartProps): ReactElement {
  const place = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLOutputElement>(null);
  const range = useRef(onRange);
  useEffect(() => {
    range.current = onRange;
  }, [onRange]);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    return drawChart(
      element,
      { chart, timesMs, bucketMs },
      {
        say: (text) => {
          if (readout.current !== null) readout.current.textContent = text;
        },
        select: (fromMs, toMs) => range.current?.(fromMs, toMs),
      },
    );
  }, [chart, timesMs, bucketMs]);
  return (
    <figure className="chart">
      <figcaption>
        <span className="chart-title">{chart.title}</span> <span className="muted">{chart.about}</span>
        <ul className="chart-legend">
          {chart.series.map((series) => (
            <li key={series.label} data-chart-tone={series.tone}>
              <span className="chart-key" aria-hidden="true" />
              {describeSeries(series, chart)}
            </li>
          ))}
        </ul>
      </figcaption>
      <div ref={place} className="chart-canvas" aria-hidden="true" />
      <output ref={readout} className="chart-readout number" aria-hidden="true" />
    </figure>
  );
}

interface Listeners {
  readonly say: (text: string) => void;
  readonly select: (fromMs: number, toMs: number) => void;
}

function describeSeries(series: ChartSeries, { unit }: MetricChart): string {
  const sum = summarize(series);
  if (sum === null) return `${series.label}: nothing measured`;
  return `${series.label}: ${formatValue(sum.last, unit)} now, ${formatValue(sum.min, unit)} to ${formatValue(sum.max, unit)}`;
}

// Returns what takes the chart away.
function drawChart(element: HTMLElement, props: Omit<TimeChartProps, "onRange">, listeners: Listeners): () => void {
  const { chart, timesMs } = props;
  const seconds = timesMs.map((atMs) => atMs / 1_000);
  const plot = new uPlot(
    { width: Math.max(element.clientWidth, 120), height: chartHeight, ...optionsOf(element, props, listeners) },
    [
      seconds,
      ...chart.series.map(({ values }) => values.map((value) => (chart.kind === "bars" && value === 0 ? null : value))),
    ],
    element,
  );
  const resize = new ResizeObserver(() =>
    plot.setSize({ width: Math.max(element.clientWidth, 120), height: chartHeight }),
  );
  resize.observe(element);
  const redraw = (): void => plot.redraw(false);
  const theme = new MutationObserver(redraw);
  theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-scheme", "data-contrast"] });
  const preference = matchMedia("(prefers-color-scheme: dark)");
  preference.addEventListener("change", redraw);
  return () => {
    preference.removeEventListener("change", redraw);
    theme.disconnect();
    resize.disconnect();
    plot.destroy();
  };
}

const chartHeight = 160;

type PlotOptions = Omit<uPlot.Options, "width" | "height">;

function optionsOf(
  element: HTMLElement,
  props: Omit<TimeChartProps, "onRange">,
  { say, select }: Listeners,
): PlotOptions {
  const token = (name: string): (() => string) => readColour(element, name);
  const { chart, timesMs, bucketMs } = props;
  const axis = { stroke: token("--text-muted"), grid: { stroke: token("--line"), width: 1 }, ticks: { show: false } };
  return {
    legend: { show: false },
    cursor: { sync: { key: "metrics" }, drag: { x: true, y: false, setScale: false }, y: false },
    scales: { y: { range: (_, min, max) => rangeOf(chart, min, max) } },
    axes: [
      { ...axis, font: axisFont, size: 28, space: 64, values: (_, marks) => marks.map(formatMark) },
      { ...axis, font: axisFont, size: 64, values: (_, marks) => marks.map((mark) => formatValue(mark, chart.unit)) },
    ],
    series: [{}, ...chart.series.map((series) => seriesOptions(series, chart, token))],
    hooks: {
      setCursor: [
        ({ cursor: { idx } }) => {
          const atMs = idx === null || idx === undefined ? undefined : timesMs[idx];
          say(atMs === undefined || idx === null || idx === undefined ? "" : readAt(chart, idx, atMs));
        },
      ],
      setSelect: [
        (plot) => {
          if (plot.select.width < 6) return;
          const fromMs = plot.posToVal(plot.select.left, "x") * 1_000;
          const toMs = plot.posToVal(plot.select.left + plot.select.width, "x") * 1_000;
          select(Math.floor(fromMs), Math.ceil(Math.max(toMs, fromMs + bucketMs)));
        },
      ],
    },
  };
}

const axisFont = "11px system-ui, sans-serif";

function seriesOptions(
  series: ChartSeries,
  { kind }: MetricChart,
  token: (name: string) => () => string,
): uPlot.Series {
  const stroke = token(`--chart-${series.tone}`);
  const fill = token(`--chart-${series.tone}-soft`);
  // A second line is dashed, so that colour is not all that tells it apart.
  if (kind === "line")
    return { stroke, width: 1.5, dash: series.tone === "first" ? [] : [5, 3], points: { size: 4 }, spanGaps: false };
  const paths = uPlot.paths.bars?.({ size: [0.8, 24], align: 1 });
  return { stroke, fill, width: 1, points: { show: false }, ...(paths === undefined ? {} : { paths }) };
}

function rangeOf({ unit }: MetricChart, _min: number | null, max: number | null): [number, number] {
  if (unit === "percent") return [0, 100];
  return [0, max === null || max <= 0 ? 1 : max * 1.08];
}

function readAt(chart: MetricChart, index: number, atMs: number): string {
  const values = chart.series.map(({ label, values: all }) => `${label} ${formatValue(all[index], chart.unit)}`);
  return `${formatInstant(atMs, serverNowMs(), "minute")} · ${values.join(" · ")}`;
}

// A custom property is text until something uses it: the element itself is coloured with it,
// at once, and asked.
function readColour(element: HTMLElement, name: string): () => string {
  return () => {
    element.style.transitionProperty = "none";
    element.style.color = `var(${name})`;
    return getComputedStyle(element).color;
  };
}

// Midnights show their date, other marks their time.
function formatMark(seconds: number): string {
  const atMs = seconds * 1_000;
  const clock = formatClock(atMs);
  return clock === "00:00" ? (formatInstant(atMs, serverNowMs(), "minute").split(",")[0] ?? clock) : clock;
}
