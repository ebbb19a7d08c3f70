// The five metrics of a service side by side: each says its value, how it compares, what it was before, and of how many it is.
import type { ReactElement } from "react";
import type { Delivery, DeliveryFigure } from "../../api/delivery/delivery.ts";
import { type BenchmarkBand } from "../../core/delivery/benchmark-band.ts";
import { type DoraMetric, doraMetrics } from "../../core/delivery/dora-metrics.ts";
import { formatCount } from "../components/values/format-quantity.ts";
import { Icon } from "../components/values/icon.tsx";
import type { StateAppearance } from "../components/values/state-appearance.ts";
import { figureMeanings, figureNames, formatFigure, formatNumber } from "./figure-words.ts";

export interface MetricCardsProps {
  readonly delivery: Delivery;
  readonly chosen: DoraMetric;
  readonly onChoose: (metric: DoraMetric) => void;
}

/** One that nobody has computed is unknown, too. */
export function MetricCards({ delivery, chosen, onChoose }: MetricCardsProps): ReactElement {
  return (
    <div className="metric-cards" role="group" aria-label="Metrics">
      {doraMetrics.map((metric) => (
        <MetricCard
          key={metric}
          metric={metric}
          figure={delivery.figures.find((figure) => figure.metric === metric)}
          isChosen={metric === chosen}
          onChoose={onChoose}
        />
      ))}
    </div>
  );
}

interface MetricCardProps {
  readonly metric: DoraMetric;
  readonly figure: DeliveryFigure | undefined;
  readonly isChosen: boolean;
  readonly onChoose: (metric: DoraMetric) => void;
}

function MetricCard({ metric, figure, isChosen, onChoose }: MetricCardProps): ReactElement {
  const { unit = "", value = null, band = null } = figure ?? {};
  return (
    <button type="button" className="metric-card" aria-pressed={isChosen} onClick={() => onChoose(metric)}>
      <span className="metric-name">{figureNames[metric]}</span>
      <span className={value === null ? "metric-value metric-unknown" : "metric-value number"}>
        {formatFigure(value, unit)}
      </span>
      <span className="muted">{figureMeanings[metric]}</span>
      {band === null ? null : <Band band={band} />}
      <span className="muted">{describeOthers(figure, unit)}</span>
      <span className="muted">{describeCount(figure)}</span>
    </button>
  );
}

function Band({ band }: { readonly band: BenchmarkBand }): ReactElement {
  const { label, icon, tone } = lookOf(band);
  return (
    <span className="metric-band" data-tone={tone}>
      <Icon name={icon} size={14} />
      <span>
        <strong>{label}</strong>
        {label === "" || band.text === "" ? "" : ": "}
        {band.text}
      </span>
    </span>
  );
}

function lookOf({ level, score, meanScore }: BenchmarkBand): StateAppearance {
  if (level !== null) return levels[level];
  if (score === null) return { label: "", icon: "info", tone: "neutral" };
  const isGood = meanScore === null || score >= meanScore;
  const mean = meanScore === null ? "" : `, industry ${meanScore.toFixed(1)}`;
  return {
    label: `${score.toFixed(1)} of 10${mean}`,
    icon: isGood ? "check" : "minus",
    tone: isGood ? "good" : "warn",
  };
}

const levels: Readonly<Record<NonNullable<BenchmarkBand["level"]>, StateAppearance>> = {
  elite: { label: "Elite", icon: "check", tone: "good" },
  high: { label: "High", icon: "check", tone: "good" },
  medium: { label: "Medium", icon: "minus", tone: "warn" },
  low: { label: "Low", icon: "warning", tone: "bad" },
};

function describeOthers(figure: DeliveryFigure | undefined, unit: string): string {
  if (figure === undefined) return "";
  return `before ${formatFigure(figure.before, unit)} · ever ${formatFigure(figure.overall, unit)}`;
}

function describeCount(figure: DeliveryFigure | undefined): string {
  if (figure === undefined || figure.n === 0) return "of nothing";
  const coverage = figure.coverage === null ? "" : `, ${formatNumber(figure.coverage * 100)} % covered`;
  return `of ${formatCount(figure.n)}${figure.is_few ? ", which are few" : ""}${coverage}`;
}
